import { randomUUID } from 'node:crypto'
import type { InProcessEnvironment } from './in-process.ts'
import { operatorToken, request } from './request.ts'
import { storageRoles } from './storage-session.ts'

interface Place {
  group?: string
  account: string
}

const pathOf = ({ sandbox }: InProcessEnvironment, { group = 'rg-demo', account }: Place) =>
  `/subscriptions/${sandbox.state.subscription.id}/resourceGroups/${group}/providers/Microsoft.Storage/storageAccounts/${account}`

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
export const putAccount = (environment: InProcessEnvironment, place: Place) =>
  put(environment, pathOf(environment, place), {
    location: 'westeurope',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS' },
  })

export const setSite = (environment: InProcessEnvironment, place: Place, enabled: boolean) =>
  put(environment, `${pathOf(environment, place)}/blobServices/default`, {
    properties: { staticWebsite: { enabled } },
  })

/** Gives the operator the role for uploads. */
export const grantOperator = (environment: InProcessEnvironment, place: Place) => {
  const { subscription, operator } = environment.sandbox.state
  return put(
    environment,
    `${pathOf(environment, place)}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`,
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
