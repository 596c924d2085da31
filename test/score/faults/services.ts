import type { JsonObject } from '../apis.ts'
import type { Fixture, SeededFault } from '../fault.ts'
import { resourcePath, type Service, services } from '../service-fixture.ts'

/** Storage Blob Data Reader. Reader itself may pull images. */
const otherRole = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
const roleAssignments = '/providers/Microsoft.Authorization/roleAssignments'

const listOf = async ({ apis }: Fixture, path: string) =>
  (await apis.arm('GET', path)).value as { id: string; properties: JsonObject }[]

const relative = (id: string) => id.replace(/^\/subscriptions\/[^/]+/, '')

/** Deletes the workload's role at the resource: a role of Azure, or of Cosmos DB's own. */
async function deleteRole(fixture: Fixture, service: Service): Promise<void> {
  const at = resourcePath(service)
  const path = service.role ? `${at}${service.part}${roleAssignments}` : `${at}/sqlRoleAssignments`
  for (const { id, properties } of await listOf(fixture, path))
    if (properties.principalId === fixture.outputs.principalId && id.toLowerCase().includes(at.toLowerCase()))
      await fixture.apis.arm('DELETE', relative(id))
}

const assignRole = (fixture: Fixture, scope: string, role: string) =>
  fixture.apis.arm('PUT', `${scope}${roleAssignments}/${crypto.randomUUID()}`, {
    properties: {
      roleDefinitionId: `/subscriptions/${fixture.settings.subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      principalId: fixture.outputs.principalId,
      principalType: 'ServicePrincipal',
    },
  })

/** Gives the workload a role that does not allow what the grant needs. */
async function assignOther(fixture: Fixture, service: Service): Promise<void> {
  const { principalId } = fixture.outputs
  const at = resourcePath(service)
  const subscription = `/subscriptions/${fixture.settings.subscription}`
  const name = crypto.randomUUID()
  if (service.role) await assignRole(fixture, at, otherRole)
  else
    await fixture.apis.arm('PUT', `${at}/sqlRoleAssignments/${name}`, {
      properties: {
        roleDefinitionId: `${subscription}${at}/sqlRoleDefinitions/00000000-0000-0000-0000-000000000001`,
        scope: `${subscription}${at}/dbs/other`,
        principalId,
      },
    })
}

const change = (fixture: Fixture, service: Service, body: JsonObject, part = '') =>
  fixture.apis.arm(part ? 'PUT' : 'PATCH', `${resourcePath(service)}${part}`, body)

const common = { fixture: 'services', api: 'Resource Manager' } as const

const faultsOf = (service: Service): SeededFault[] => {
  const { target, firewall, entity } = service
  return [
    {
      ...common,
      code: 'WI903',
      description: `${target}: the role is deleted`,
      seed: (fixture) => deleteRole(fixture, service),
    },
    {
      ...common,
      code: 'WI904',
      description: `${target}: ${service.role ? 'the role does not read data' : 'the role is at another database'}`,
      seed: async (fixture) => {
        await deleteRole(fixture, service)
        await assignOther(fixture, service)
      },
    },
    ...(firewall
      ? [
          {
            ...common,
            code: 'WI905' as const,
            description: `${target}: the firewall denies this address`,
            seed: (fixture: Fixture) => change(fixture, service, firewall.closed, firewall.path),
            manualRemedy: (fixture: Fixture) => change(fixture, service, firewall.open, firewall.path),
          },
        ]
      : []),
    {
      ...common,
      code: 'WI906',
      description: `${target}: no public network access`,
      seed: (fixture) => change(fixture, service, { properties: { publicNetworkAccess: 'Disabled' } }),
      manualRemedy: (fixture) => change(fixture, service, { properties: { publicNetworkAccess: 'Enabled' } }),
    },
    ...(entity
      ? [
          {
            ...common,
            code: 'WI907' as const,
            description: `${target}: what the grant names is deleted`,
            seed: (fixture: Fixture) => fixture.apis.arm('DELETE', `${resourcePath(service)}${entity.path}`),
            // A role at the entity is deleted with it.
            ...(service.part ? { alsoReported: ['WI903' as const, 'WI904' as const] } : {}),
            manualRemedy: async (fixture: Fixture) => {
              await change(fixture, service, entity.body, entity.path)
              if (service.role)
                await assignRole(fixture, `${resourcePath(service)}${service.part}`, service.role)
            },
          },
        ]
      : []),
  ]
}

/** Faults of grants in services whose data has no vault and no storage account. */
export const serviceFaults: SeededFault[] = services.flatMap(faultsOf)
