import assert from 'node:assert/strict'
import { openArm } from './arm-session.ts'

/** Starts a sandbox with a namespace of Service Bus and one of Event Hubs, and with what they contain. */
export async function openMessaging() {
  const arm = await openArm()
  await arm.prepare()
  const bus = `${arm.providers}/Microsoft.ServiceBus/namespaces/sb-orders`
  const hubs = `${arm.providers}/Microsoft.EventHub/namespaces/eh-clicks`
  const put = async (path: string, body: object = {}) => {
    const { status } = await arm.call('PUT', path, body)
    assert.ok(status === 200 || status === 201, `${status} ${path}`)
  }
  for (const name of ['ServiceBus', 'EventHub'])
    arm.state.arm.providers[`microsoft.${name.toLowerCase()}`] = {
      namespace: `Microsoft.${name}`,
      registeredAt: 0,
    }
  await put(bus, { location: 'eastus' })
  await put(hubs, { location: 'eastus' })
  for (const part of ['queues/orders', 'queues/other', 'topics/news', 'topics/news/subscriptions/all'])
    await put(`${bus}/${part}`)
  await put(`${hubs}/eventhubs/clicks`, { properties: { partitionCount: 2 } })
  /** Assigns a role by its GUID, and returns the ID of the assignment. */
  const assign = async (scope: string, role: string, principalId: string) => {
    const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`
    const roleDefinitionId = `${arm.subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`
    await put(id, { properties: { roleDefinitionId, principalId, principalType: 'ServicePrincipal' } })
    return id
  }
  return { ...arm, bus, hubs, put, assign }
}
