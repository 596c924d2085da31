import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { applySetUp, type ClusterEnvironment } from '../support/environment.ts'
import { type InProcessEnvironment, newInProcessEnvironment } from '../support/in-process.ts'
import { type Apis, sandboxApis } from './apis.ts'
import { type Fixture, type FixtureKind, vaultPath } from './fault.ts'
import { asRestrictedCaller } from './restricted-caller.ts'

let count = 0

/** A healthy set-up in a folder of its own; `args` say what kind. */
export async function setUpFixture(
  environment: ClusterEnvironment,
  apis: Apis,
  clock: Fixture['clock'],
  args: readonly string[] = [],
): Promise<Fixture> {
  const cwd = join(environment.root, `work-${++count}`)
  mkdirSync(cwd)
  const names = ['--namespace', `score-${count}`, '--resource-group', 'rg-score', '--cluster', 'aks-score']
  const flags = [...environment.cloud, ...names, '--vault', `kv-score-${count}`, ...args]
  const { settings, outputs, checks } = await applySetUp(environment, flags, { cwd })
  const odd = checks.filter(({ status }) => status === 'fail' || status === 'warn')
  if (odd.length && !args.includes('default')) throw new Error(`Not healthy: ${JSON.stringify(odd)}`)
  return { environment, apis, kube: apis.kube, settings, outputs, cwd, clock } as unknown as Fixture
}

const kinds: Record<Exclude<FixtureKind, 'kubeconfig' | 'nothing' | 'somebody'>, readonly string[]> = {
  app: [],
  default: ['--service-account', 'default'],
  managed: ['--identity-kind', 'managed'],
  policy: ['--vault-access', 'policy'],
  tight: ['--no-sample'],
  unpurged: ['--no-sample'],
  shared: ['--no-sample', '--namespace', 'default'],
  paced: [],
}

/** A cloud in which nothing has been set up yet. */
function nothing(environment: InProcessEnvironment, clock: Fixture['clock']): Fixture {
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

/** A set-up of that kind; `args` are those of every kind. */
export async function fixtureIn(
  environment: ClusterEnvironment,
  apis: Apis,
  clock: Fixture['clock'],
  on: Exclude<FixtureKind, 'nothing' | 'somebody'>,
  args: readonly string[] = [],
): Promise<Fixture> {
  if (on !== 'kubeconfig') {
    const scene = await setUpFixture(environment, apis, clock, [...args, ...kinds[on]])
    return on === 'tight' || on === 'unpurged' || on === 'shared' ? tightened(scene, on) : scene
  }
  const scene = await setUpFixture(environment, apis, clock, args)
  const words = ['--kubeconfig', await callerOf(scene), '--webhook', 'none', '--no-sample']
  return setUpFixture(environment, apis, clock, [...args, ...words])
}

/** A world, and a set-up of that kind in it. */
export async function createFixture(on: FixtureKind): Promise<Fixture> {
  const clock = { ahead: 0, stand: false }
  let stood: number | undefined
  const now = () => {
    if (!clock.stand) stood = undefined
    else stood ??= Date.now()
    return (stood ?? Date.now()) + clock.ahead
  }
  const environment = await newInProcessEnvironment({ clock: now, ...(on === 'paced' ? { pace: 0.01 } : {}) })
  const apis = sandboxApis(environment)
  if (on === 'nothing') return nothing(environment, clock)
  if (on === 'somebody') return asRestrictedCaller(environment, clock)
  return fixtureIn(environment, apis, clock, on)
}

/** What a set-up leaves open for reasons, closed: nothing is left for `verify --posture`. */
async function tightened(scene: Fixture, on: FixtureKind): Promise<Fixture> {
  const { environment, apis, kube, settings } = scene
  const vault = vaultPath(scene)
  await apis.arm('PATCH', vault, {
    properties: {
      ...(on === 'unpurged' ? {} : { enablePurgeProtection: true }),
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
  // Whoever looks after the secrets has the right from elsewhere, not from the set-up.
  for (const { name, properties } of value)
    if (properties.description === 'Set up secrets, by wi-setup') {
      await apis.arm('DELETE', `${assignments}/${name}?api-version=2022-04-01`)
      const { roleDefinitionId, principalId, principalType } = properties
      await apis.arm('PUT', `${assignments}/${crypto.randomUUID()}?api-version=2022-04-01`, {
        properties: { roleDefinitionId, principalId, principalType, description: 'by hand' },
      })
    }
  if (on === 'shared')
    await kube('PATCH', `/api/v1/namespaces/${settings.namespace}`, {
      metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    })
  return scene
}

/** A kubeconfig of somebody in the cluster who may do everything, by one binding. */
async function callerOf({ kube, environment }: Fixture): Promise<string> {
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
  const apis = join(environment.root, 'caller.yaml')
  writeFileSync(apis, stringify(config))
  return apis
}
