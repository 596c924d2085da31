import type { Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { bodyOf } from './body-shape.ts'
import { deletedNamed } from './deleted-vaults.ts'
import { ofType } from './resources.ts'
import type { ArmRequest, Route } from './route.ts'
import { badRequest } from './vault-properties.ts'

export const isName = (name: string) => /^[a-z][a-z0-9-]{1,22}[a-z0-9]$/i.test(name) && !name.includes('--')

/** Names are taken world-wide; here, other tenants hold all that begin with `taken-`. */
export const isOthers = (name: string) => /^taken-/i.test(name)

export const inUse = (name: string) =>
  `The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a recoverable state then the vault will need to be purged before reusing the name. For more information about VaultAlreadyExists, soft delete and purging a vault follow this link https://go.microsoft.com/fwlink/?linkid=2147740.`

export const badName = (name: string) =>
  `The vault name '${name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens. Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2147742`

export const liveNamed = (simulator: Simulator, name: string) =>
  ofType(simulator, 'Microsoft.KeyVault/vaults').find(
    ({ body }) => body.name.toLowerCase() === name.toLowerCase(),
  )

function nameAsked({ call }: ArmRequest): string {
  const { name } = bodyOf<{ name?: string }>(call, { name: 'string', type: 'string' })
  if (!name) throw badRequest('The parameter name is not specified.')
  return name
}

const no = (reason: string, message: string): Reply => ({
  status: 200,
  body: { nameAvailable: false, reason, message },
})

function checkName(ask: ArmRequest): Reply {
  const { simulator } = ask
  const name = nameAsked(ask)
  if (!isName(name)) return no('AccountNameInvalid', badName(name))
  if (isOthers(name) || liveNamed(simulator, name) || deletedNamed(simulator, name))
    return no('AlreadyExists', inUse(name))
  return { status: 200, body: { nameAvailable: true } }
}

/** Managed HSMs do not exist here, so that every proper name is free. */
function checkHsmName(ask: ArmRequest): Reply {
  const name = nameAsked(ask)
  return isName(name)
    ? { status: 200, body: { nameAvailable: true } }
    : no('AccountNameInvalid', badName(name))
}

const subscription = '/subscriptions/{subscription}/providers/Microsoft.KeyVault'

export const vaultNameRoutes: Route[] = [
  {
    method: 'POST',
    path: `${subscription}/checkNameAvailability`,
    action: 'Microsoft.KeyVault/checkNameAvailability/read',
    to: checkName,
  },
  {
    method: 'POST',
    path: `${subscription}/checkMhsmNameAvailability`,
    action: 'Microsoft.KeyVault/checkNameAvailability/read',
    to: checkHsmName,
  },
]
