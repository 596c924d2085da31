import { ServiceError } from '../service-error.ts'
import type { DatabaseAddress, Wire } from './wire.ts'

// Tabular Data Stream 8.0, as far as a login with a token: all of it within TLS. Source: MS-TDS, and the driver tedious.

const service = 'sql'
const packetSize = 4096
const types = { login: 0x10, prelogin: 0x12 }

/** Version, no encryption besides that of TLS, and federated authentication. */
const prelogin = Buffer.from(
  ['000010', '0006', '010016', '0001', '060017', '0001', 'ff', '010000000000', '02', '01'].join(''),
  'hex',
)

function send(wire: Wire, type: number, data: Buffer): void {
  const room = packetSize - 8
  const count = Math.ceil(data.length / room)
  for (let index = 0; index < count; index++) {
    const part = data.subarray(index * room, (index + 1) * room)
    const header = Buffer.from([type, index === count - 1 ? 1 : 0, 0, 0, 0, 0, (index + 1) & 0xff, 0])
    header.writeUInt16BE(8 + part.length, 2)
    wire.write(Buffer.concat([header, part]))
  }
}

async function receive(wire: Wire): Promise<Buffer> {
  const parts: Buffer[] = []
  for (;;) {
    const header = await wire.read(8)
    parts.push(await wire.read(header.readUInt16BE(2) - 8))
    if (header[1]! & 1) return Buffer.concat(parts)
  }
}

const text16 = (text: string) => Buffer.from(text, 'utf16le')

const number32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** Returns the LOGIN7 message: a fixed part with offsets, the texts, and the extension with the token. */
export function loginMessage(server: string, database: string, token: string): Buffer {
  const fixed = Buffer.alloc(94)
  fixed.writeUInt32LE(0x08000000, 4)
  fixed.writeUInt32LE(packetSize, 8)
  // The login fails if the database can't be opened; there is an extension.
  fixed.writeUInt8(0xd0, 24)
  fixed.writeUInt8(0x10, 27)
  let at = fixed.length
  const parts: Buffer[] = []
  const place = (position: number, bytes: Buffer, length: number) => {
    fixed.writeUInt16LE(at, position)
    fixed.writeUInt16LE(length, position + 2)
    parts.push(bytes)
    at += bytes.length
  }
  const empty = Buffer.alloc(0)
  for (const position of [36, 40, 44]) place(position, empty, 0)
  place(48, text16('wi-setup'), 8)
  place(52, text16(server), server.length)
  const pointer = number32(0)
  place(56, pointer, 4)
  for (const position of [60, 64]) place(position, empty, 0)
  place(68, text16(database), database.length)
  for (const position of [78, 82, 86]) place(position, empty, 0)
  pointer.writeUInt32LE(at)
  const secret = text16(token)
  // A security token, in answer to the server's wish for federated authentication.
  const feature = [Buffer.from([2]), number32(secret.length + 5), Buffer.from([3]), number32(secret.length)]
  const message = Buffer.concat([fixed, ...parts, ...feature, secret, Buffer.from([0xff])])
  message.writeUInt32LE(message.length)
  return message
}

interface LoginResponse {
  accepted: boolean
  error: ServiceError | undefined
  /** Where the server sends the client instead. */
  route: DatabaseAddress | undefined
}

function errorOf(body: Buffer): ServiceError {
  const number = body.readInt32LE(0)
  const state = body.readUInt8(4)
  const message = body.subarray(8, 8 + 2 * body.readUInt16LE(6)).toString('utf16le')
  return new ServiceError({ service, code: String(number), message: `${message} (state ${state})` })
}

function routeOf(body: Buffer): DatabaseAddress {
  const host = body.subarray(8, 8 + 2 * body.readUInt16LE(6)).toString('utf16le')
  return { host, port: body.readUInt16LE(4) }
}

/** Reads the tokens of a login's response. */
export function parseResponse(data: Buffer): LoginResponse {
  const response: LoginResponse = { accepted: false, error: undefined, route: undefined }
  for (let at = 0; at < data.length; ) {
    const token = data[at]
    // DONE is the last one; an acknowledged extension precedes it only after a successful login.
    if (token === 0xfd || token === 0xae) break
    const wide = token === 0xe4 || token === 0xee
    const start = at + (wide ? 5 : 3)
    const end = start + (wide ? data.readUInt32LE(at + 1) : data.readUInt16LE(at + 1))
    const body = data.subarray(start, end)
    if (token === 0xaa) response.error ??= errorOf(body)
    else if (token === 0xad) response.accepted = true
    else if (token === 0xe3 && body[0] === 20) response.route = routeOf(body)
    at = end
  }
  return response
}

/** Signs in with a token. Returns another address if the server names one; throws `ServiceError` with the number of the error. */
export async function logInToSql(
  wire: Wire,
  { host, database }: { host: string; database: string },
  token: string,
): Promise<DatabaseAddress | undefined> {
  await wire.secure('tds/8.0')
  send(wire, types.prelogin, prelogin)
  await receive(wire)
  send(wire, types.login, loginMessage(host, database, token))
  const { accepted, error, route } = parseResponse(await receive(wire))
  if (error) throw error
  if (route) return route
  if (accepted) return undefined
  throw new ServiceError({
    service,
    code: 'Refused',
    message: 'The server refused the login without a reason',
  })
}
