import type { Reply } from '../../http.ts'
import { findAccountResource } from '../../storage/accounts.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody } from '../request-body.ts'

export const isValidName = (name: string) => /^[a-z0-9]{3,24}$/.test(name)

/** Account names are unique across all tenants. Here, other tenants have all names that begin with `taken`. */
export const isTakenElsewhere = (name: string) => /^taken/.test(name)

export const invalidNameMessage = (name: string) =>
  `${name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.`

export const takenMessage = (name: string) => `The storage account named ${name} is already taken.`

function checkName({ call, simulator }: ArmRequest): Reply {
  const { name = '' } = parseBody<{ name?: string }>(call, { name: 'string', type: 'string' })
  const unavailable = (reason: string, message: string): Reply => ({
    status: 200,
    body: { nameAvailable: false, reason, message },
  })
  if (!isValidName(name)) return unavailable('AccountNameInvalid', invalidNameMessage(name))
  if (isTakenElsewhere(name) || findAccountResource(simulator, name))
    return unavailable('AlreadyExists', takenMessage(name))
  return { status: 200, body: { nameAvailable: true } }
}

export const storageNameRoutes: ArmRoute[] = [
  {
    method: 'POST',
    path: '/subscriptions/:subscription/providers/Microsoft.Storage/checkNameAvailability',
    action: 'Microsoft.Storage/checknameavailability/read',
    handler: checkName,
  },
]
