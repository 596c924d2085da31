import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { newEnvironment, type ProgramEnvironment, sandboxFlags } from '../support/environment.ts'

/** Each in a place of its own, two at a time. */
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

/** Does the job, verifies, does it again without a word more: the answers say which variant it is. */
async function proven(environment: ProgramEnvironment, args: readonly string[]) {
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
    world: environment.sandboxState(),
  }
}

const resources = (world: ReturnType<ProgramEnvironment['sandboxState']>, type: string) =>
  Object.values(world.arm.resources).filter(({ body }) => body.type.toLowerCase().endsWith(type))

describe('from nothing to proven, again without a write, in each variant', { concurrency: 2 }, () => {
  variant(
    '--identity-kind managed: no application, the credential on the managed identity',
    async (environment) => {
      const { world, json } = await proven(environment, ['--identity-kind', 'managed'])
      assert.equal(Object.keys(world.directory.applications).length, 1, 'only that of the operator')
      const own = resources(world, '/userassignedidentities').filter(({ body }) =>
        body.name.startsWith('wi-'),
      )
      assert.equal(own.length, 1)
      assert.equal(own[0]!.credentials?.length, 1)
      assert.equal(own[0]!.body.properties.clientId, json.outputs.clientId)
      assert.equal(json.steps.find(({ id }) => id === 'identity')?.title, 'managed identity')
    },
  )

  variant(
    '--vault-access policy: get and list by access policy, no role on the vault',
    async (environment) => {
      const { world, json } = await proven(environment, ['--vault-access', 'policy'])
      const [vault] = resources(world, '/vaults')
      assert.equal(vault?.body.properties.enableRbacAuthorization, false)
      const policies = vault?.body.properties.accessPolicies as {
        objectId: string
        permissions: { secrets: string[] }
      }[]
      const own = policies.find(({ objectId }) => objectId === json.outputs.principalId)
      assert.deepEqual(own?.permissions.secrets.map((each) => each.toLowerCase()).toSorted(), ['get', 'list'])
      assert.deepEqual(
        Object.values(world.arm.roleAssignments).filter(({ scope }) => scope.includes('/vaults/')),
        [],
      )
    },
  )

  variant('managed identity and access policy together', async (environment) => {
    const { world } = await proven(environment, ['--identity-kind', 'managed', '--vault-access', 'policy'])
    assert.equal(resources(world, '/vaults')[0]?.body.properties.enableRbacAuthorization, false)
  })

  variant('--os windows without an image: a Windows pool, all but the sample', async (environment) => {
    const { world, steps, checks } = await proven(environment, ['--os', 'windows'])
    const pools = resources(world, '/managedclusters')[0]?.body.properties.agentPoolProfiles as {
      osType: string
    }[]
    assert.ok(pools.some(({ osType }) => osType === 'Windows'))
    assert.ok(!steps.includes('sample') && !checks.includes('WI604'))
  })

  variant('--os windows with --sample-image: the sample on Windows, proven too', async (environment) => {
    const { world, steps, checks } = await proven(environment, [
      '--os',
      'windows',
      '--sample-image',
      'node:24-windows',
    ])
    assert.ok(steps.includes('sample') && checks.includes('WI604'))
    const [cluster] = Object.values(world.clusters)
    const deployment = cluster?.objects['apps/v1/deployments/vault-reader/vault-reader']
    const pod = deployment?.spec.template.spec
    assert.equal(pod.nodeSelector['kubernetes.io/os'], 'windows')
    assert.equal(pod.containers[0].image, 'node:24-windows')
  })

  variant('--no-sample: nothing of it in the cluster', async (environment) => {
    const { world, steps, checks } = await proven(environment, ['--no-sample'])
    assert.ok(!steps.includes('sample') && !checks.includes('WI604'))
    const [cluster] = Object.values(world.clusters)
    assert.deepEqual(
      Object.keys(cluster!.objects).filter((key) => /deployments\/vault-reader/.test(key)),
      [],
    )
  })

  variant('--webhook none: no add-on; what the pod would be given is left to others', async (environment) => {
    const { world, steps, checks } = await proven(environment, ['--webhook', 'none'])
    assert.ok(!steps.includes('webhook') && !steps.includes('sample'))
    assert.ok(!checks.includes('WI301') && !checks.includes('WI604'))
    const [cluster] = Object.values(world.clusters)
    assert.deepEqual(
      Object.keys(cluster!.objects).filter((key) => /mutatingwebhook.*azure-wi/.test(key)),
      [],
    )
  })

  variant('names of its own for everything', async (environment) => {
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
    const { world, json } = await proven(
      environment,
      Object.entries(names).flatMap(([name, value]) => [`--${name}`, value]),
    )
    assert.equal(json.settings.serviceAccount, 'check.out')
    assert.ok(Object.values(world.clusters)[0]?.objects['v1/serviceaccounts/shop/check.out'])
    const [cluster] = resources(world, '/managedclusters')
    assert.equal(cluster?.body.location, 'northeurope')
    assert.match(cluster?.body.id ?? '', /\/rg\.shop_\(1\)\//)
    assert.equal((cluster!.body.properties.agentPoolProfiles as { count: number }[])[0]?.count, 2)
  })

  variant('an audience of its own, for workloads that mount their tokens themselves', async (environment) => {
    const { world } = await proven(environment, ['--audience', 'api://own', '--webhook', 'none'])
    const trusted = Object.values(world.directory.applications).flatMap(({ credentials }) => credentials)
    assert.deepEqual(
      trusted.map(({ audiences }) => audiences),
      [['api://own']],
    )
  })

  variant('a cluster and a vault that lie in other groups already', async (environment) => {
    // Made from another folder, whose answers are not ours.
    const elsewhere = (...args: string[]) =>
      environment.run([...args, ...sandboxFlags, '-q'], { cwd: environment.root })
    assert.equal(
      (await elsewhere('cluster', '--resource-group', 'rg-platform', '--cluster', 'aks-all')).code,
      0,
    )
    assert.equal((await elsewhere('identity')).code, 0)
    assert.equal((await elsewhere('vault', '--resource-group', 'rg-secrets', '--vault', 'kv-all')).code, 0)
    const { world, steps, json } = await proven(environment, [
      ...['--resource-group', 'rg-shop', '--namespace', 'shop'],
      ...['--cluster', 'aks-all', '--cluster-resource-group', 'rg-platform'],
      ...['--vault', 'kv-all', '--vault-resource-group', 'rg-secrets'],
    ])
    assert.ok(steps.includes('cluster'))
    for (const id of ['cluster', 'vault', 'webhook'])
      assert.equal(json.steps.find((each) => each.id === id)?.action, 'keep')
    assert.equal(resources(world, '/managedclusters').length, 1)
    assert.equal(resources(world, '/vaults').length, 1)
  })
})
