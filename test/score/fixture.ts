import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { Settings } from '../../src/settings/settings.ts'
import { applySetUp, type ClusterEnvironment } from '../support/environment.ts'
import { type InProcessEnvironment, newInProcessEnvironment } from '../support/in-process.ts'
import { type Apis, sandboxApis } from './apis.ts'
import { createDatabases, databaseGrants, runStatementsOf } from './database-fixture.ts'
import { type Fixture, type FixtureKind, vaultPath } from './fault.ts'
import { enterJob } from './faults/job.ts'
import { withInstalledProgram } from './installed.ts'
import { publishIssuer } from './publish-issuer.ts'
import { asRestrictedCaller } from './restricted-caller.ts'
import { runVerify } from './run-verify.ts'
import { createServices, serviceGrants } from './service-fixture.ts'
import { createStorage, type StoragePart, storageGrant } from './storage-fixture.ts'

/** Role definition ID of Key Vault Secrets Officer. */
const secretsOfficerRole = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

let count = 0

/** Runs a set-up with these arguments in its own folder. Throws if a check fails or warns. */
export async function setUpFixture(
  environment: ClusterEnvironment,
  apis: Apis,
  clock: Fixture['clock'],
  args: readonly string[] = [],
): Promise<Fixture> {
  const cwd = join(environment.root, `work-${++count}`)
  mkdirSync(cwd)
  const names = ['--namespace', `score-${count}`, '--resource-group', 'rg-score', '--cluster', 'aks-score']
  const vault = args.includes('--grant') ? [] : ['--vault', `kv-score-${count}`]
  const flags = [...environment.cloud, ...names, ...vault, ...args]
  const { settings, outputs, checks } = await applySetUp(environment, flags, { cwd })
  const findings = checks.filter(({ status }) => status === 'fail' || status === 'warn')
  if (findings.length && !args.includes('default'))
    throw new Error(`The set-up is not healthy: ${JSON.stringify(findings)}`)
  return { environment, apis, kube: apis.kube, settings, outputs, cwd, clock } as unknown as Fixture
}

const argsByKind: Partial<Record<FixtureKind, readonly string[]>> = {
  app: [],
  'default-account': ['--service-account', 'default'],
  managed: ['--identity-kind', 'managed'],
  policy: ['--vault-access', 'policy'],
  hardened: ['--no-sample'],
  'without-purge-protection': ['--no-sample'],
  'default-namespace': ['--no-sample', '--namespace', 'default'],
  'real-time': [],
}

/** Returns a fixture in which nothing is set up. */
function emptyFixture(environment: InProcessEnvironment, clock: Fixture['clock']): Fixture {
  const cwd = join(environment.root, 'work')
  mkdirSync(cwd)
  const apis = sandboxApis(environment)
  const settings = { resourceGroup: 'rg-score', cluster: 'aks-score', vault: 'kv-score-new' }
  writeFileSync(
    join(cwd, 'wi-setup.yaml'),
    stringify({ sandbox: true, ...settings, location: 'westeurope', namespace: 'score' }),
  )
  return { environment, apis, kube: apis.kube, settings, outputs: {}, cwd, clock } as unknown as Fixture
}

/** Federates a GitHub job, which then runs verify. */
async function jobFixture(environment: InProcessEnvironment, clock: Fixture['clock']): Promise<Fixture> {
  const cwd = join(environment.root, 'work')
  mkdirSync(cwd)
  const apis = sandboxApis(environment)
  const job = ['federate', 'github', 'acme/shop', '--environment', 'production']
  const { settings, outputs } = await applySetUp(environment, [...job, ...environment.cloud], { cwd })
  const fixture = { environment, apis, kube: apis.kube, settings, outputs, cwd, clock } as unknown as Fixture
  enterJob(fixture)
  await runVerify(fixture)
  return fixture
}

/** Creates a set-up of this kind. `args` apply to every kind. */
export async function fixtureIn(
  environment: ClusterEnvironment,
  apis: Apis,
  clock: Fixture['clock'],
  kind: Exclude<FixtureKind, 'empty' | 'restricted' | 'job' | 'databases' | 'services'>,
  args: readonly string[] = [],
): Promise<Fixture> {
  if (kind === 'published-issuer')
    return publishedIssuerFixture(environment as InProcessEnvironment, apis, clock, args)
  if (kind === 'grants' || kind === 'grants-real-time') return grantsFixture(environment, apis, clock, args)
  if (kind === 'storage' || kind === 'queue' || kind === 'table')
    return storageFixture(environment, apis, clock, [kind, args])
  if (kind !== 'kubeconfig') {
    const fixture = await setUpFixture(environment, apis, clock, [...args, ...(argsByKind[kind] ?? [])])
    return ['hardened', 'without-purge-protection', 'default-namespace'].includes(kind)
      ? harden(fixture, kind)
      : fixture
  }
  const fixture = await setUpFixture(environment, apis, clock, args)
  const flags = ['--kubeconfig', await clusterAdminKubeconfig(fixture), '--webhook', 'none', '--no-sample']
  return setUpFixture(environment, apis, clock, [...args, ...flags])
}

/** Starts a sandbox and creates a set-up of this kind in it. */
export async function createFixture(kind: FixtureKind): Promise<Fixture> {
  const clock = { ahead: 0, stopped: false }
  let stoppedAt: number | undefined
  const now = () => {
    if (!clock.stopped) stoppedAt = undefined
    else stoppedAt ??= Date.now()
    return (stoppedAt ?? Date.now()) + clock.ahead
  }
  const environment = withInstalledProgram(
    await newInProcessEnvironment({ clock: now, ...(kind.endsWith('real-time') ? { pace: 0.01 } : {}) }),
  )
  const apis = sandboxApis(environment)
  if (kind === 'job') return jobFixture(environment, clock)
  if (kind === 'empty') return emptyFixture(environment, clock)
  if (kind === 'restricted') return asRestrictedCaller(environment, clock)
  if (kind === 'databases') return databasesFixture(environment, clock)
  if (kind === 'services') {
    await createServices({ apis, environment })
    return setUpFixture(environment, apis, clock, serviceGrants)
  }
  return fixtureIn(environment, apis, clock, kind)
}

/** Creates a set-up whose workload signs in to two databases. */
async function databasesFixture(
  environment: InProcessEnvironment,
  clock: Fixture['clock'],
): Promise<Fixture> {
  const apis = sandboxApis(environment)
  await createDatabases(apis)
  const names = [
    '--namespace',
    `score-${count + 1}`,
    '--resource-group',
    'rg-score',
    '--cluster',
    'aks-score',
  ]
  await runStatementsOf(environment, [...environment.cloud, ...names, ...databaseGrants], environment.root)
  return setUpFixture(environment, apis, clock, databaseGrants)
}

/** Creates a set-up with a vault, and another one whose workload gets access to that vault's secret by a grant. */
async function grantsFixture(
  environment: ClusterEnvironment,
  apis: Apis,
  clock: Fixture['clock'],
  args: readonly string[],
): Promise<Fixture> {
  const { settings } = await setUpFixture(environment, apis, clock, args)
  const grant = `vault:${settings.vault}/secret/${settings.secret}=contributor`
  const fixture = await setUpFixture(environment, apis, clock, [...args, '--grant', grant])
  // What the faults break is the other one's.
  return { ...fixture, settings: { ...fixture.settings, vault: settings.vault, secret: settings.secret } }
}

/** Creates a set-up whose workload may read from a container, a queue or a table. */
async function storageFixture(
  environment: ClusterEnvironment,
  apis: Apis,
  clock: Fixture['clock'],
  [part, args]: [StoragePart, readonly string[]],
): Promise<Fixture> {
  const place = { apis, settings: { resourceGroup: 'rg-score', namespace: `score-${count + 1}` } as Settings }
  await apis.arm('POST', '/providers/Microsoft.Storage/register')
  await apis.arm('PUT', `/resourceGroups/${place.settings.resourceGroup}`, { location: 'eastus' })
  await createStorage(place, part)
  return setUpFixture(environment, apis, clock, [...args, ...storageGrant(place, part)])
}

/** Creates a set-up on a cluster whose issuer is the static website of a storage account. */
async function publishedIssuerFixture(
  environment: InProcessEnvironment,
  apis: Apis,
  clock: Fixture['clock'],
  args: readonly string[],
): Promise<Fixture> {
  const { settings } = await setUpFixture(environment, apis, clock, args)
  const kubeconfig = ['--kubeconfig', environment.kubeconfig]
  await publishIssuer(environment, apis, settings.resourceGroup)
  const flags = [...kubeconfig, '--webhook', 'none', '--no-sample']
  return setUpFixture(environment, apis, clock, [...args, ...flags])
}

/** Fixes what a set-up leaves open on purpose, so that `verify --posture` reports nothing. */
async function harden(fixture: Fixture, kind: FixtureKind): Promise<Fixture> {
  const { environment, apis, kube, settings } = fixture
  const vault = vaultPath(fixture)
  await apis.arm('PATCH', vault, {
    properties: {
      ...(kind === 'without-purge-protection' ? {} : { enablePurgeProtection: true }),
      networkAcls: {
        defaultAction: 'Deny',
        bypass: 'AzureServices',
        ipRules: [{ value: `${environment.address}/32` }],
      },
    },
  })
  await apis.vault(settings.vault)('PATCH', `/secrets/${settings.secret}`, {
    attributes: { exp: Math.floor(Date.now() / 1000) + 30 * 86_400 },
  })
  const assignments = `${vault}/providers/Microsoft.Authorization/roleAssignments`
  const { value } = await apis.arm('GET', `${assignments}?api-version=2022-04-01`)
  // Replace the set-up's role assignment by one that wi-setup does not manage.
  for (const { name, properties } of value)
    if (properties.roleDefinitionId.endsWith(secretsOfficerRole)) {
      await apis.arm('DELETE', `${assignments}/${name}?api-version=2022-04-01`)
      const { roleDefinitionId, principalId, principalType } = properties
      await apis.arm('PUT', `${assignments}/${crypto.randomUUID()}?api-version=2022-04-01`, {
        properties: { roleDefinitionId, principalId, principalType, description: 'by hand' },
      })
    }
  if (kind === 'default-namespace')
    await kube('PATCH', `/api/v1/namespaces/${settings.namespace}`, {
      metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    })
  return fixture
}

/** Writes a kubeconfig of a service account that is cluster-admin by one binding, and returns its path. */
async function clusterAdminKubeconfig({ kube, environment }: Fixture): Promise<string> {
  const path = '/api/v1/namespaces/default/serviceaccounts'
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'caller' } }
  await kube('POST', path, account)
  const rbac = 'rbac.authorization.k8s.io'
  await kube('POST', `/apis/${rbac}/v1/clusterrolebindings`, {
    apiVersion: `${rbac}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: 'score-caller' },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'caller' }],
  })
  const { status } = await kube('POST', `${path}/caller/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 36_000 },
  })
  const config = parse(readFileSync(environment.kubeconfig, 'utf8'))
  config.users[0].user = { token: status.token }
  const file = join(environment.root, 'caller.yaml')
  writeFileSync(file, stringify(config))
  return file
}
