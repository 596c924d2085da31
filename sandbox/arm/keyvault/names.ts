import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody } from '../request-body.ts'
import { resourcesOfType } from '../resources/resources.ts'
import { badRequest } from './bad-request.ts'
import { findDeletedVault } from './deleted-vaults.ts'

export const isValidName = (name: string) =>
  /^[a-z][a-z0-9-]{1,22}[a-z0-9]$/i.test(name) && !name.includes('--')

/** Vault names are unique across all tenants. Here, other tenants have all names that begin with `taken-`. */
export const isTakenElsewhere = (name: string) => /^taken-/i.test(name)

export const nameInUseMessage = (name: string) =>
  `The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a recoverable state then the vault will need to be purged before reusing the name. For more information about VaultAlreadyExists, soft delete and purging a vault follow this link https://go.microsoft.com/fwlink/?linkid=2147740.`

export const invalidNameMessage = (name: string) =>
  `The vault name '${name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens. Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2147742`

export const findVaultByName = (simulator: Simulator, name: string) =>
  resourcesOfType(simulator, 'Microsoft.KeyVault/vaults').find(
    ({ body }) => body.name.toLowerCase() === name.toLowerCase(),
  )

function requestedName({ call }: ArmRequest): string {
  const { name } = parseBody<{ name?: string }>(call, { name: 'string', type: 'string' })
  if (!name) throw badRequest('The parameter name is not specified.')
  return name
}

const unavailable = (reason: string, message: string): Reply => ({
  status: 200,
  body: { nameAvailable: false, reason, message },
})

function checkName(request: ArmRequest): Reply {
  const { simulator } = request
  const name = requestedName(request)
  if (!isValidName(name)) return unavailable('AccountNameInvalid', invalidNameMessage(name))
  if (isTakenElsewhere(name) || findVaultByName(simulator, name) || findDeletedVault(simulator, name))
    return unavailable('AlreadyExists', nameInUseMessage(name))
  return { status: 200, body: { nameAvailable: true } }
}

/** Managed HSMs are not simulated, so every valid name is free. */
function checkHsmName(request: ArmRequest): Reply {
  const name = requestedName(request)
  return isValidName(name)
    ? { status: 200, body: { nameAvailable: true } }
    : unavailable('AccountNameInvalid', invalidNameMessage(name))
}

const subscription = '/subscriptions/:subscription/providers/Microsoft.KeyVault'

export const vaultNameRoutes: ArmRoute[] = [
  {
    method: 'POST',
    path: `${subscription}/checkNameAvailability`,
    action: 'Microsoft.KeyVault/checkNameAvailability/read',
    handler: checkName,
  },
  {
    method: 'POST',
    path: `${subscription}/checkMhsmNameAvailability`,
    action: 'Microsoft.KeyVault/checkNameAvailability/read',
    handler: checkHsmName,
  },
]
