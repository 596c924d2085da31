import { setTimeout as delay } from 'node:timers/promises'
import type { JsonObject } from '../apis.ts'
import { type Fixture, type SeededFault, vaultPath } from '../fault.ts'

const secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

const secretPath = (fixture: Fixture, secret = fixture.settings.secret) =>
  `${vaultPath(fixture)}/secrets/${secret}`

/** Deletes the roles of the workload's identity. */
export async function deleteRoles(fixture: Fixture): Promise<void> {
  const list = `/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01&$filter=principalId eq '${fixture.outputs.principalId}'`
  const { value } = await fixture.apis.arm('GET', list.replaceAll(' ', '%20'))
  for (const { id } of value as JsonObject[])
    await fixture.apis.arm('DELETE', `${id.replace(/^\/subscriptions\/[^/]+/, '')}?api-version=2022-04-01`)
}

/** Assigns the role of the grant at this scope. */
const assignRole = (fixture: Fixture, scope: string) =>
  fixture.apis.arm(
    'PUT',
    `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`,
    {
      properties: {
        roleDefinitionId: `/subscriptions/${fixture.settings.subscription}/providers/Microsoft.Authorization/roleDefinitions/${secretsOfficer}`,
        principalId: fixture.outputs.principalId,
        principalType: 'ServicePrincipal',
      },
    },
  )

const patchVault = (fixture: Fixture, properties: JsonObject) =>
  fixture.apis.arm('PATCH', vaultPath(fixture), { properties })

const vaultOfName = ({ apis, settings }: Fixture) => apis.vault(settings.vault)

/** Faults of grants. Each target has its own as well. */
export const targetFaults: SeededFault[] = [
  {
    code: 'WI903',
    description: 'the role of the grant is deleted',
    fixture: 'grants',
    api: 'Resource Manager',
    seed: deleteRoles,
  },
  {
    code: 'WI904',
    description: 'the role of the grant is at another secret',
    fixture: 'grants',
    api: 'Resource Manager',
    seed: async (fixture) => {
      await deleteRoles(fixture)
      await assignRole(fixture, secretPath(fixture, 'other'))
    },
  },
  {
    code: 'WI905',
    description: "the firewall of the grant's vault denies every address",
    fixture: 'grants',
    api: 'Resource Manager',
    seed: (fixture) =>
      patchVault(fixture, { networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' } }),
    manualRemedy: (fixture) => patchVault(fixture, { networkAcls: { defaultAction: 'Allow' } }),
  },
  {
    code: 'WI906',
    description: "the grant's vault has no public network access",
    fixture: 'grants',
    api: 'Resource Manager',
    seed: (fixture) => patchVault(fixture, { publicNetworkAccess: 'Disabled' }),
    manualRemedy: (fixture) => patchVault(fixture, { publicNetworkAccess: 'Enabled' }),
  },
  {
    code: 'WI908',
    description: 'the new role of the grant has not taken effect yet',
    fixture: 'grants-real-time',
    api: 'Resource Manager',
    seed: async (fixture) => {
      await deleteRoles(fixture)
      // A deleted role assignment keeps working for a while.
      await delay(1200)
      fixture.clock.stopped = true
      await assignRole(fixture, secretPath(fixture))
    },
    stopWaiting: ({ clock }) => {
      clock.stopped = false
    },
  },
  {
    code: 'WI902',
    description: "the grant's vault is switched to access policies",
    fixture: 'grants',
    api: 'Resource Manager',
    seed: (fixture) => patchVault(fixture, { enableRbacAuthorization: false }),
    manualRemedy: (fixture) => patchVault(fixture, { enableRbacAuthorization: true }),
  },
  {
    code: 'WI907',
    description: "the grant's secret is deleted",
    fixture: 'grants',
    api: 'Key Vault',
    seed: (fixture) => vaultOfName(fixture)('DELETE', `/secrets/${fixture.settings.secret}`),
    manualRemedy: (fixture) =>
      vaultOfName(fixture)('POST', `/deletedsecrets/${fixture.settings.secret}/recover`),
  },
  {
    code: 'WI901',
    description: "the grant's vault is deleted",
    fixture: 'grants',
    api: 'Resource Manager',
    seed: (fixture) => fixture.apis.arm('DELETE', vaultPath(fixture)),
    manualRemedy: async (fixture) => {
      await fixture.apis.arm('PUT', vaultPath(fixture), {
        location: fixture.settings.location,
        properties: { tenantId: fixture.settings.tenant, createMode: 'recover' },
      })
      // Role assignments are lost with the resource.
      await assignRole(fixture, secretPath(fixture))
    },
    discardFixture: true,
  },
]
