import { ServiceError } from '../service-error.ts'
import type { Wire } from './wire.ts'

// The frontend/backend protocol 3.0 of PostgreSQL, as far as a login. Source: PostgreSQL documentation.

const service = 'postgresql'
const sslRequest = Buffer.from('0000000804d2162f', 'hex')
const terminate = Buffer.from('5800000004', 'hex')

const withLength = (body: Buffer) => {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([length, body])
}

function startup(parameters: Record<string, string>): Buffer {
  const texts = Object.entries(parameters).flat()
  return withLength(Buffer.concat([Buffer.from([0, 3, 0, 0]), Buffer.from(`${texts.join('\0')}\0\0`)]))
}

const passwordMessage = (password: string) =>
  Buffer.concat([Buffer.from('p'), withLength(Buffer.from(`${password}\0`))])

/** Returns the error of an ErrorResponse: fields that each begin with a letter. */
function errorOf(body: Buffer): ServiceError {
  const fields = new Map(
    body
      .toString()
      .split('\0')
      .map((field) => [field[0], field.slice(1)] as const),
  )
  return new ServiceError({
    service,
    code: fields.get('C') ?? 'Refused',
    message: fields.get('M') ?? 'The server refused the login without a reason',
  })
}

/** Signs in with a token as the password, and out again. Throws `ServiceError` with the SQLSTATE as its code. */
export async function logInToPostgres(
  wire: Wire,
  { user, database }: { user: string; database: string },
  token: string,
): Promise<void> {
  wire.write(sslRequest)
  if ((await wire.read(1)).toString() !== 'S')
    throw new ServiceError({ service, code: 'NoEncryption', message: 'The server offers no encryption' })
  await wire.secure()
  wire.write(startup({ user, database, application_name: 'wi-setup', client_encoding: 'UTF8' }))
  for (;;) {
    const head = await wire.read(5)
    const body = await wire.read(head.readInt32BE(1) - 4)
    switch (head.toString('latin1', 0, 1)) {
      case 'R':
        answerAuthentication(wire, body.readInt32BE(0), token)
        break
      case 'E':
        throw errorOf(body)
      case 'Z':
        return wire.write(terminate)
      default:
      // Parameters and notices.
    }
  }
}

function answerAuthentication(wire: Wire, method: number, token: string): void {
  if (method === 3) wire.write(passwordMessage(token))
  else if (method !== 0)
    // The server asks for proof of a stored password, so it has no Microsoft Entra role of this name.
    throw new ServiceError({
      service,
      code: 'PasswordExpected',
      message: 'The server expects a password for this role, not a token',
    })
}
