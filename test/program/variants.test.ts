import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { newEnvironment, type ProgramEnvironment, sandboxFlags } from '../support/environment.ts'

/** Runs a test in its own environment. */
function variant(name: string, body: (environment: ProgramEnvironment) => Promise<void>): void {
  test(name, async () => {
    const environment = newEnvironment()
    try {
      await body(environment)
    } finally {
      environment.close()
    }
  })
}

/** Sets up, verifies, and sets up again without flags: the saved settings hold the variant. */
async function setUpAndVerify(environment: ProgramEnvironment, args: readonly string[]) {
  const first = await environment.run([...sandboxFlags, ...args, '--output', 'json'])
  assert.equal(first.code, 0, `${first.stdout}${first.stderr}`)
  const statuses = first.json.checks.map(({ status }) => status)
  assert.deepEqual(new Set(statuses), new Set(['pass']))
  const writes = environment.writes()
  const again = await environment.run([...sandboxFlags, '--output', 'json'])
  assert.equal(again.code, 0)
  assert.equal(environment.writes(), writes)
  assert.deepEqual(again.json.settings, first.json.settings)
  const verified = await environment.run(['verify', '--sandbox', '--pace', '0', '--output', 'json'])
  assert.equal(verified.code, 0)
  return {
    json: first.json,
    steps: first.json.steps.map(({ id }) => id),
    checks: first.json.checks.map(({ code }) => code),
    state: environment.sandboxState(),
  }
}

const resources = (state: ReturnType<ProgramEnvironment['sandboxState']>, type: string) =>
  Object.values(state.arm.resources).filter(({ body }) => body.type.toLowerCase().endsWith(type))

describe('each variant is proven, and a second run writes nothing', { concurrency: 2 }, () => {
  variant(
    '--identity-kind managed: the credential is on the managed identity, and there is no application',
    async (environment) => {
      const { state, json } = await setUpAndVerify(environment, ['--identity-kind', 'managed'])
      assert.equal(
        Object.keys(state.directory.applications).length,
        1,
        'only the application of the operator',
      )
      const own = resources(state, '/userassignedidentities').filter(({ body }) =>
        body.name.startsWith('wi-'),
      )
      assert.equal(own.length, 1)
      assert.equal(own[0]!.credentials?.length, 1)
      assert.equal(own[0]!.body.properties.clientId, json.outputs.clientId)
      assert.equal(json.steps.find(({ id }) => id === 'identity')?.title, 'managed identity')
    },
  )

  variant(
    '--vault-access policy: an access policy with get and list, and no role on the vault',
    async (environment) => {
      const { state, json } = await setUpAndVerify(environment, ['--vault-access', 'policy'])
      const [vault] = resources(state, '/vaults')
      assert.equal(vault?.body.properties.enableRbacAuthorization, false)
      const policies = vault?.body.properties.accessPolicies as {
        objectId: string
        permissions: { secrets: string[] }
      }[]
      const own = policies.find(({ objectId }) => objectId === json.outputs.principalId)
      assert.deepEqual(own?.permissions.secrets.map((each) => each.toLowerCase()).toSorted(), ['get', 'list'])
      assert.deepEqual(
        Object.values(state.arm.roleAssignments).filter(({ scope }) => scope.includes('/vaults/')),
        [],
      )
    },
  )

  variant('managed identity and access policy together', async (environment) => {
    const { state } = await setUpAndVerify(environment, [
      '--identity-kind',
      'managed',
      '--vault-access',
      'policy',
    ])
    assert.equal(resources(state, '/vaults')[0]?.body.properties.enableRbacAuthorization, false)
  })

  variant('--os windows without an image: a Windows node pool, and no sample', async (environment) => {
    const { state, steps, checks } = await setUpAndVerify(environment, ['--os', 'windows'])
    const pools = resources(state, '/managedclusters')[0]?.body.properties.agentPoolProfiles as {
      osType: string
    }[]
    assert.ok(pools.some(({ osType }) => osType === 'Windows'))
    assert.ok(!steps.includes('sample') && !checks.includes('WI604'))
  })

  variant('--os windows with --sample-image: the sample runs on Windows', async (environment) => {
    const { state, steps, checks } = await setUpAndVerify(environment, [
      '--os',
      'windows',
      '--sample-image',
      'node:24-windows',
    ])
    assert.ok(steps.includes('sample') && checks.includes('WI604'))
    const [cluster] = Object.values(state.clusters)
    const deployment = cluster?.objects['apps/v1/deployments/vault-reader/vault-reader']
    const pod = deployment?.spec.template.spec
    assert.equal(pod.nodeSelector['kubernetes.io/os'], 'windows')
    assert.equal(pod.containers[0].image, 'node:24-windows')
  })

  variant('--no-sample: no sample in the cluster', async (environment) => {
    const { state, steps, checks } = await setUpAndVerify(environment, ['--no-sample'])
    assert.ok(!steps.includes('sample') && !checks.includes('WI604'))
    const [cluster] = Object.values(state.clusters)
    assert.deepEqual(
      Object.keys(cluster!.objects).filter((key) => /deployments\/vault-reader/.test(key)),
      [],
    )
  })

  variant('--webhook none: no add-on, no sample, and no checks of the webhook', async (environment) => {
    const { state, steps, checks } = await setUpAndVerify(environment, ['--webhook', 'none'])
    assert.ok(!steps.includes('webhook') && !steps.includes('sample'))
    assert.ok(!checks.includes('WI301') && !checks.includes('WI604'))
    const [cluster] = Object.values(state.clusters)
    assert.deepEqual(
      Object.keys(cluster!.objects).filter((key) => /mutatingwebhook.*azure-wi/.test(key)),
      [],
    )
  })

  variant('custom names for everything', async (environment) => {
    const names = {
      location: 'northeurope',
      'resource-group': 'rg.shop_(1)',
      cluster: 'aks_Shop-1',
      'node-count': '2',
      'kubernetes-version': '1.34',
      identity: 'wi_Shop',
      namespace: 'shop',
      'service-account': 'check.out',
      vault: 'KvShop',
      secret: 'Db-Password',
    }
    const { state, json } = await setUpAndVerify(
      environment,
      Object.entries(names).flatMap(([name, value]) => [`--${name}`, value]),
    )
    assert.equal(json.settings.serviceAccount, 'check.out')
    assert.ok(Object.values(state.clusters)[0]?.objects['v1/serviceaccounts/shop/check.out'])
    const [cluster] = resources(state, '/managedclusters')
    assert.equal(cluster?.body.location, 'northeurope')
    assert.match(cluster?.body.id ?? '', /\/rg\.shop_\(1\)\//)
    assert.equal((cluster!.body.properties.agentPoolProfiles as { count: number }[])[0]?.count, 2)
  })

  variant('a custom audience, for workloads that mount their own tokens', async (environment) => {
    const { state } = await setUpAndVerify(environment, ['--audience', 'api://own', '--webhook', 'none'])
    const trusted = Object.values(state.directory.applications).flatMap(({ credentials }) => credentials)
    assert.deepEqual(
      trusted.map(({ audiences }) => audiences),
      [['api://own']],
    )
  })

  variant('an existing cluster and vault in other resource groups', async (environment) => {
    // Created from another folder, with its own saved settings.
    const elsewhere = (...args: string[]) =>
      environment.run([...args, ...sandboxFlags, '-q'], { cwd: environment.root })
    assert.equal(
      (await elsewhere('cluster', '--resource-group', 'rg-platform', '--cluster', 'aks-all')).code,
      0,
    )
    assert.equal((await elsewhere('identity')).code, 0)
    assert.equal((await elsewhere('vault', '--resource-group', 'rg-secrets', '--vault', 'kv-all')).code, 0)
    const { state, steps, json } = await setUpAndVerify(environment, [
      ...['--resource-group', 'rg-shop', '--namespace', 'shop'],
      ...['--cluster', 'aks-all', '--cluster-resource-group', 'rg-platform'],
      ...['--vault', 'kv-all', '--vault-resource-group', 'rg-secrets'],
    ])
    assert.ok(steps.includes('cluster'))
    for (const id of ['cluster', 'vault', 'webhook'])
      assert.equal(json.steps.find((each) => each.id === id)?.action, 'keep')
    assert.equal(resources(state, '/managedclusters').length, 1)
    assert.equal(resources(state, '/vaults').length, 1)
  })
})
