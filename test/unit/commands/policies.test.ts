import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Apis, sandboxApis } from '../../score/apis.ts'
import { type InProcessEnvironment, newInProcessEnvironment } from '../../support/in-process.ts'

let environment: InProcessEnvironment
let apis: Apis
before(async () => {
  environment = await newInProcessEnvironment()
  apis = sandboxApis(environment)
})
after(() => environment.close())

const definitions = {
  groupTag: '96670d01-0a4d-4649-9c89-2d3abc0a5025',
  tag: '871b6d14-10aa-478d-b590-94f262ecfa99',
  groupLocation: 'e765b5de-1225-4ba3-bd56-1ac6695af988',
  location: 'e56962a6-4747-49cd-b67b-bf8b01975c4c',
  issuer: '2571b7c3-3056-4a61-b00a-9bc5232234f5',
}
const path = '/providers/Microsoft.Authorization/policyAssignments/rule'

/** Runs the program under a policy of the subscription. Returns its output and the number of writes. */
async function under(
  definition: keyof typeof definitions,
  parameters: Record<string, unknown>,
  args: readonly string[],
) {
  await apis.arm('PUT', path, {
    properties: {
      displayName: 'Company rule',
      policyDefinitionId: `/providers/Microsoft.Authorization/policyDefinitions/${definitions[definition]}`,
      parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, { value }])),
    },
  })
  const { journal } = environment.sandbox
  const from = journal.length
  const output = await environment.run([...args, '--sandbox', '--pace', '0', '--yes', '--output', 'json'], {
    cwd: `${environment.root}/${definition}`,
  })
  await apis.arm('DELETE', path)
  const writes = journal.slice(from).filter(({ write, path }) => write && !path.includes('policyAssignments'))
  return { ...output, writes: writes.map(({ method, path }) => `${method} ${path}`) }
}

const elsewhere = { listOfAllowedLocations: ['eastus', 'westus'] }

for (const [definition, parameters, args, expected, remedy] of [
  [
    'groupTag',
    { tagName: 'cost-center' },
    [],
    /resource group rg-demo: policy "Company rule": tags\[cost-center\] is \(none\)/,
    /az group create .*--tags cost-center=…/,
  ],
  [
    'groupLocation',
    elsewhere,
    [],
    /resource group rg-demo: policy "Company rule": location is westeurope, allowed: eastus, westus/,
    /--location eastus/,
  ],
  [
    'tag',
    { tagName: 'owner' },
    [],
    /vault kv-demo-\w+: policy "Company rule": tags\[owner\] is \(none\)/,
    /with the tag owner yourself/,
  ],
  [
    'location',
    elsewhere,
    ['plan'],
    /cluster aks-demo: policy "Company rule": location is westeurope/,
    /--location eastus/,
  ],
  [
    'issuer',
    { effect: 'Deny', allowFederatedCredentials: true, allowAKS: true },
    ['federate', 'github', 'acme/shop', '--environment', 'production', '--identity-kind', 'managed'],
    /federated credential wi-repo-acme-\S+: policy "Company rule"/,
    /--identity-kind app/,
  ],
] as const)
  test(`a policy of ${definition} is found before the first write`, async () => {
    const { code, json, writes } = await under(definition, parameters, args)
    assert.equal(code, 1)
    assert.deepEqual(writes, [])
    assert.match(json.error!.message, expected)
    assert.match(json.error!.remedy, remedy)
  })

test('a policy that allows the resources changes nothing', async () => {
  const { code, stdout } = await under('location', { listOfAllowedLocations: ['West Europe'] }, [])
  assert.equal(code, 0, stdout)
})

test('where nothing is created, no policy is asked for', async () => {
  const from = environment.sandbox.journal.length
  const { code, stdout, writes } = await under('location', elsewhere, [])
  assert.equal(code, 0, stdout)
  assert.deepEqual(writes, [])
  const asked = environment.sandbox.journal.slice(from).filter(({ path }) => /policyrestrictions/i.test(path))
  assert.deepEqual(asked, [])
})
