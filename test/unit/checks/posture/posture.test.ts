import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { chainChecks, postureChecks } from '../../../../src/checks/index.ts'
import { type InjectionEvidence, kubernetesRules } from '../../../../src/checks/kubernetes-rules.ts'
import type { CheckResult } from '../../../../src/engine/check-result.ts'
import { verify } from '../../../../src/engine/verify.ts'
import { operatorToken, request } from '../../../support/request.ts'
import { hasKubectl, newWorkloadCluster } from '../../../support/workload-cluster.ts'
import { healthyWorkloads, type KubeObject } from '../../../support/workloads/healthy.ts'

type Shop = Awaited<ReturnType<typeof newWorkloadCluster>>

const at = await newWorkloadCluster({ sample: true })
const byPolicy = await newWorkloadCluster({ vaultAccess: 'policy', vault: 'kv-policies' })

const found = async (on: Shop = at): Promise<CheckResult[]> => {
  on.run.forgetReads()
  return (await verify([...chainChecks, ...postureChecks], on.run)).filter(({ status }) => status !== 'pass')
}
const codes = (results: readonly CheckResult[]) => results.map(({ code }) => code).sort()

/** Warnings that a set-up leaves on purpose; each states the reason. */
const expectedWarnings = ['WI814', 'WI831', 'WI833', 'WI835', 'WI836']

const graph = async (method: string, path: string, json?: unknown): Promise<KubeObject> => {
  const { graph: base } = at.sandbox.simulator.addresses
  const token = await operatorToken(at.sandbox, base)
  const answer = await request(at.sandbox, `${base}/v1.0${path}`, {
    method,
    token,
    ...(json === undefined ? {} : { json }),
  })
  if (answer.status >= 300)
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body as KubeObject
}

const application = async () => (await at.clients.directory.application(at.settings.identity))!
const principal = async () => (await at.clients.directory.servicePrincipal((await application()).clientId))!

test('a new set-up has five warnings that each state the reason', async () => {
  const results = await found()
  assert.deepEqual(codes(results), expectedWarnings)
  assert.ok(results.every(({ status }) => status === 'warn'))
  for (const { code, detail } of results) assert.match(detail, /The set-up (leaves|keeps|sets|deploys)/, code)
  assert.deepEqual(codes(await found(byPolicy)), ['WI831', 'WI833', 'WI834', 'WI836'])
})

interface Seed {
  code: string
  name: string
  severe?: true
  on?: Shop
  break(): Promise<unknown>
  /** Does what the remedy says, where that is an az command. */
  heal?(remedy: string): Promise<unknown>
  remedy?: RegExp
}

const rolesPath = 'apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles'
const verifyRules = (evidence: InjectionEvidence) => kubernetesRules(at.settings, evidence).verify.namespace

const bind = (
  kind: 'RoleBinding' | 'ClusterRoleBinding',
  name: string,
  role: string,
  ...subjects: KubeObject[]
) =>
  at.kube(
    'POST',
    `apis/rbac.authorization.k8s.io/v1/${kind === 'RoleBinding' ? 'namespaces/shop/rolebindings' : 'clusterrolebindings'}`,
    {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects,
    },
  )
const group = (name: string) => ({ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name })
const contributor = 'b24988ac-6180-42a0-ab88-20f7382dd24c'
const officer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

const assign = async (scope: string, role: string) =>
  at.clients.roles.assign(scope, crypto.randomUUID(), {
    role,
    principalId: (await principal()).objectId,
    principalType: 'ServicePrincipal',
    description: '',
  })
const unassign = (remedy: string) => at.clients.roles.unassign(/--ids (\S+)$/.exec(remedy)![1]!)

const seeds: Seed[] = [
  {
    code: 'WI841',
    name: 'Contributor on the resource group',
    severe: true,
    break: () => assign(`/subscriptions/${at.settings.subscription}/resourceGroups/rg-shop`, contributor),
    remedy: /^az role assignment delete --ids \/subscriptions\/\S+$/,
    heal: unassign,
  },
  {
    code: 'WI841',
    name: 'a role that writes secrets',
    severe: true,
    break: async () => assign((await at.clients.vaults.get('rg-shop', 'kv-shop'))!.id, officer),
    remedy: /^az role assignment delete --ids /,
    heal: unassign,
  },
  {
    code: 'WI842',
    name: 'other secrets in the vault',
    break: async () =>
      at.clients.secrets.put((await at.clients.vaults.get('rg-shop', 'kv-shop'))!.uri, 'other', {
        value: 'x',
        tags: {},
      }),
    heal: async () =>
      at.clients.secrets.remove((await at.clients.vaults.get('rg-shop', 'kv-shop'))!.uri, 'other'),
  },
  {
    code: 'WI843',
    name: 'another trusted subject',
    break: async () =>
      at.clients.directory.putCredential((await application()).objectId, {
        name: 'actions',
        issuer: 'https://token.actions.githubusercontent.com',
        subject: 'repo:shop/checkout:ref:refs/heads/main',
        audience: 'api://AzureADTokenExchange',
      }),
    remedy: /^az ad app federated-credential delete --id \S+ --federated-credential-id actions$/,
    heal: async () => at.clients.directory.removeCredential((await application()).objectId, 'actions'),
  },
  {
    code: 'WI844',
    name: 'a password is expectedWarnings on the app registration',
    severe: true,
    break: async () => graph('POST', `/applications/${(await application()).objectId}/addPassword`, {}),
    remedy: /^az ad app credential delete --id \S+ --key-id \S+$/,
    heal: async (remedy) =>
      graph('POST', `/applications/${(await application()).objectId}/removePassword`, {
        keyId: /--key-id (\S+)/.exec(remedy)![1],
      }),
  },
  {
    code: 'WI845',
    name: 'another owner',
    break: async () =>
      graph('POST', `/applications/${(await application()).objectId}/owners/$ref`, {
        '@odata.id': `${at.sandbox.simulator.addresses.graph}/v1.0/directoryObjects/${(await principal()).objectId}`,
      }),
    remedy: /^az ad app owner remove --id \S+ --owner-object-id \S+$/,
    heal: async (remedy) =>
      graph(
        'DELETE',
        `/applications/${(await application()).objectId}/owners/${/--owner-object-id (\S+)/.exec(remedy)![1]}/$ref`,
      ),
  },
  {
    code: 'WI846',
    name: 'an application permission in Graph',
    severe: true,
    break: async () => {
      const { objectId } = await principal()
      const { value } = await graph('GET', '/servicePrincipals')
      await graph('POST', `/servicePrincipals/${objectId}/appRoleAssignments`, {
        principalId: objectId,
        resourceId: (value as KubeObject[]).find(({ id }) => id !== objectId)!.id,
        appRoleId: '7ab1d382-f21e-4acd-a863-ba3e13f7da61',
      })
    },
    remedy: /^az rest --method delete --resource https:\/\/\S+ --url https:\/\/\S+\/appRoleAssignments\/\S+$/,
    heal: async (remedy) => graph('DELETE', /\/v1\.0(\S+)$/.exec(remedy)![1]!),
  },
  {
    code: 'WI811',
    name: 'a Kubernetes API token for every pod',
    break: () =>
      at.patch(
        { kind: 'ServiceAccount', metadata: { name: 'checkout' } },
        { automountServiceAccountToken: true },
      ),
  },
  {
    code: 'WI813',
    name: 'tokens that last a day',
    break: () =>
      at.patch(
        { kind: 'ServiceAccount', metadata: { name: 'checkout' } },
        {
          metadata: { annotations: { 'azure.workload.identity/service-account-token-expiration': '86400' } },
        },
      ),
  },
  {
    code: 'WI815',
    name: 'a namespace without a Pod Security Standard',
    break: () =>
      at.kube('PATCH', 'api/v1/namespaces/shop', {
        metadata: { labels: { 'pod-security.kubernetes.io/enforce': null } },
      }),
  },
  {
    code: 'WI821',
    name: 'every pod in the namespace has the role edit',
    severe: true,
    break: () => bind('RoleBinding', 'all', 'edit', group('system:serviceaccounts:shop')),
  },
  {
    code: 'WI821',
    name: 'another service account has the role admin',
    break: () =>
      bind(
        'RoleBinding',
        'some',
        'admin',
        { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'jo' },
        { kind: 'ServiceAccount', name: 'ci', namespace: 'shop' },
      ),
    remedy: /^kubectl patch rolebinding\/some --namespace shop --type json --patch /,
  },
  {
    code: 'WI821',
    name: "a user has verify's role with the right to create pods",
    async break() {
      await at.kube('POST', rolesPath, {
        metadata: { name: 'wi-setup-verify' },
        rules: verifyRules('dry run'),
      })
      const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'wi-setup-verify' }
      const user = { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'jo' }
      await at.kube('POST', 'apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings', {
        metadata: { name: 'wi-setup-verify' },
        roleRef: role,
        subjects: [user],
      })
    },
    remedy:
      /wi-setup permissions namespace serviceAccount --without-injection \| kubectl apply --filename -$/,
    heal: () => at.kube('PATCH', `${rolesPath}/wi-setup-verify`, { rules: verifyRules('configuration') }),
  },
  {
    code: 'WI821',
    name: 'every authenticated user is cluster-admin',
    severe: true,
    break: () => bind('ClusterRoleBinding', 'oops', 'cluster-admin', group('system:authenticated')),
    remedy: /^kubectl delete clusterrolebinding\/oops$/,
  },
  {
    code: 'WI837',
    name: 'an access policy that allows writing',
    severe: true,
    on: byPolicy,
    break: () => policy(['get', 'list', 'set']),
    remedy: /^az keyvault set-policy --name kv-policies --object-id \S+ --secret-permissions get list$/,
    heal: () => policy(['get', 'list']),
  },
]

async function policy(secrets: string[]) {
  const { clients, settings } = byPolicy
  const app = await clients.directory.application(settings.identity)
  const { objectId } = (await clients.directory.servicePrincipal(app!.clientId))!
  const of = { tenantId: settings.tenant, objectId }
  await clients.vaults.removePolicy('rg-shop', 'kv-policies', of)
  await clients.vaults.addPolicy('rg-shop', 'kv-policies', { ...of, secrets })
}

describe('each problem is the only new finding, and its remedy fixes it', () => {
  for (const seed of seeds)
    test(`${seed.code}  ${seed.name}`, {
      skip: !seed.heal && !hasKubectl && 'no kubectl on the PATH',
    }, async () => {
      const on = seed.on ?? at
      const before = codes(await found(on))
      await seed.break()
      const results = await found(on)
      assert.deepEqual(codes(results), [...before, seed.code].sort(), JSON.stringify(results))
      const one = results.find(
        ({ code, status }) => code === seed.code && (status === 'fail') === (seed.severe ?? false),
      )
      assert.ok(one, JSON.stringify(results))
      if (seed.remedy) assert.match(one.remedy!, seed.remedy)
      await (seed.heal ? seed.heal(one.remedy!) : on.shell(one.remedy!))
      assert.deepEqual(codes(await found(on)), before)
    })
})

test('WI812  reports a pod that runs as default', async () => {
  const pod: KubeObject = healthyWorkloads.Pod('plain')
  pod.metadata.labels = {}
  pod.spec = { containers: [{ name: 'app', image: 'registry.example/app:1' }] }
  await at.create(pod)
  assert.deepEqual(codes(await found()), [...expectedWarnings, 'WI812'].sort())
  await at.remove(pod)
})

test('WI814  the remedy deletes the sample app', {
  skip: !hasKubectl && 'no kubectl on the PATH',
}, async () => {
  const sample = (await found()).find(({ code }) => code === 'WI814')
  await at.shell(sample!.remedy!)
  assert.deepEqual(codes(await found()), ['WI604', ...expectedWarnings.filter((code) => code !== 'WI814')])
})

test('WI816  reports the default namespace', async () => {
  const on = await newWorkloadCluster({ namespace: 'default' })
  assert.ok(codes(await found(on)).includes('WI816'))
})
