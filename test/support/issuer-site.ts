import { randomUUID } from 'node:crypto'
import type { InProcessEnvironment } from './in-process.ts'
import { operatorToken, request } from './request.ts'
import { storageRoles } from './storage-session.ts'

const pathOf = ({ sandbox }: InProcessEnvironment, account: string) =>
  `/subscriptions/${sandbox.state.subscription.id}/resourceGroups/rg-demo/providers/Microsoft.Storage/storageAccounts/${account}`

async function put(environment: InProcessEnvironment, path: string, json: object, version = '2025-08-01') {
  const { simulator } = environment.sandbox
  const { arm } = simulator.addresses
  const sandbox = { ...environment.sandbox, caPem: simulator.caPem } as never
  const answer = await request(sandbox, `${arm}${path}?api-version=${version}`, {
    method: 'PUT',
    token: await operatorToken(sandbox, arm),
    json,
  })
  if (answer.status >= 300) throw new Error(`PUT ${path}: ${answer.status} ${answer.body}`)
}

/** Creates a storage account whose static website is off. */
export const putAccount = (environment: InProcessEnvironment, account: string) =>
  put(environment, pathOf(environment, account), {
    location: 'westeurope',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
  })

export const setSite = (environment: InProcessEnvironment, account: string, enabled: boolean) =>
  put(environment, `${pathOf(environment, account)}/blobServices/default`, {
    properties: { staticWebsite: { enabled } },
  })

/** Gives the operator the role for uploads. */
export const grantOperator = (environment: InProcessEnvironment, account: string) => {
  const { subscription, operator } = environment.sandbox.state
  return put(
    environment,
    `${pathOf(environment, account)}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`,
    {
      properties: {
        roleDefinitionId: `/subscriptions/${subscription.id}/providers/Microsoft.Authorization/roleDefinitions/${storageRoles.blobContributor}`,
        principalId: operator.objectId,
        principalType: 'ServicePrincipal',
      },
    },
    '2022-04-01',
  )
}
