import { randomUUID } from 'node:crypto'
import { mintAccessToken } from '../../sandbox/entra/access-tokens.ts'
import type { SandboxOptions } from '../../sandbox/index.ts'
import { openArm } from './arm-session.ts'
import { type Answer, operatorToken, request } from './request.ts'

export const storageRoles = {
  accountContributor: '17d1049b-9a84-46fb-8f53-869881c3d3ab',
  contributor: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
  blobReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
  blobContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
  queueReader: '19e7f393-937e-4f77-808e-94535e297925',
  queueContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
  queueSender: 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a',
  queueProcessor: '8a0f0c08-91a1-4084-bc3d-661d67233fed',
  tableReader: '76199698-9eea-4c19-bc75-cec21354c6b6',
  tableContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
}

type Role = keyof typeof storageRoles

export interface StorageCall {
  /** Token; `null` for an anonymous request (default: the operator's). */
  as?: string | null
  headers?: Record<string, string>
  body?: string
  json?: unknown
}

/** Starts a sandbox with the storage account `shopdata`. Returns functions that call its services. */
export async function openStorage(options: SandboxOptions = {}) {
  const arm = await openArm({ registered: true, ...options })
  const { sandbox, simulator } = arm
  await arm.prepare()
  const account = `${arm.providers}/Microsoft.Storage/storageAccounts/shopdata`
  const created = await arm.call('PUT', account, {
    location: 'eastus',
    sku: { name: 'Standard_LRS' },
    kind: 'StorageV2',
  })
  const { body } = await arm.call('GET', account)
  const endpoints: Record<string, string> = body.properties.primaryEndpoints
  const token = await operatorToken(sandbox, 'https://storage.azure.com')

  /** Sends a request to a service of the account. */
  const call = (
    service: string,
    method: string,
    path: string,
    { as = token, headers, body, json }: StorageCall = {},
  ): Promise<Answer> =>
    request(sandbox, `${endpoints[service]!.slice(0, -1)}${path}`, {
      method,
      ...(as !== null && { token: as }),
      headers: { 'x-ms-version': '2024-11-04', ...headers },
      ...(body !== undefined && { body }),
      ...(json !== undefined && { json }),
    })

  /** Returns a token of a new principal with a role at a part of the account. */
  async function callerWith(role?: Role, part = '', audience = 'https://storage.azure.com') {
    const { principal } = await arm.newPrincipal()
    if (role) await grant(principal.id, role, part)
    const { token: own } = await mintAccessToken(simulator, { principal, audience, proof: 'certificate' })
    return { token: own, principalId: principal.id }
  }

  const grant = (principalId: string, role: Role, part = '') =>
    arm.call('PUT', `${account}${part}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`, {
      properties: {
        roleDefinitionId: `${arm.subscription}/providers/Microsoft.Authorization/roleDefinitions/${storageRoles[role]}`,
        principalId,
        principalType: 'ServicePrincipal',
      },
    })

  return { ...arm, account, created, endpoints, storageToken: token, callStorage: call, callerWith, grant }
}

/** Returns the code of an error of a storage service, which its header has in every format. */
export const storageCode = ({ status, headers }: Answer): [number, string | undefined] => [
  status,
  headers['x-ms-error-code'] as string | undefined,
]
