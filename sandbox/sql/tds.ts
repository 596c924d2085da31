// Tabular Data Stream 8.0: messages within TLS from the first byte. Source: MS-TDS, and the driver tedious.

export const packetTypes = { batch: 1, response: 4, login: 16, prelogin: 18 } as const

export interface TdsMessage {
  type: number
  data: Buffer
}

/** Reads a message, which may consist of several packets. */
export async function readMessage(read: (bytes: number) => Promise<Buffer>): Promise<TdsMessage> {
  const parts: Buffer[] = []
  for (;;) {
    const header = await read(8)
    parts.push(Buffer.from(await read(Math.max(0, header.readUInt16BE(2) - 8))))
    if (header[1]! & 1) return { type: header[0]!, data: Buffer.concat(parts) }
  }
}

/** Returns the packet of a message that is short enough for one. */
export function packet(type: number, data: Buffer): Buffer {
  const header = Buffer.from([type, 1, 0, 0, 0, 0, 1, 0])
  header.writeUInt16BE(8 + data.length, 2)
  return Buffer.concat([header, data])
}

/** Version 12.0, no encryption besides that of TLS, and federated authentication required. */
export const preloginResponse = Buffer.from(
  ['000010', '0006', '010016', '0001', '060017', '0001', 'ff', '0c0000000000', '02', '01'].join(''),
  'hex',
)

const text16 = (text: string) => Buffer.from(text, 'utf16le')

function withLength(token: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(3)
  head.writeUInt8(token)
  head.writeUInt16LE(body.length, 1)
  return Buffer.concat([head, body])
}

const number32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

const shortText = (text: string) => Buffer.concat([Buffer.from([text.length]), text16(text)])

/** Returns an ERROR token. */
export function errorToken(number: number, state: number, message: string, server: string): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16LE(message.length)
  return withLength(
    0xaa,
    number32(number),
    Buffer.from([state, 14]),
    length,
    text16(message),
    shortText(server),
    shortText(''),
    number32(1),
  )
}

/** Returns a LOGINACK token, and the acknowledgement that the token of the login was accepted. */
export const loginTokens = (): Buffer =>
  Buffer.concat([
    withLength(
      0xad,
      Buffer.from([1, 8, 0, 0, 0]),
      shortText('Microsoft SQL Server'),
      Buffer.from([12, 0, 8, 0]),
    ),
    Buffer.from([0xae, 2, 0, 0, 0, 0, 0xff]),
  ])

/** Returns the DONE token that ends a response. */
export const doneToken = (failed = false): Buffer =>
  Buffer.concat([Buffer.from([0xfd, failed ? 2 : 0, 0, 0, 0]), Buffer.alloc(8)])

/** What a LOGIN7 message contains for a login with a security token. */
export interface Login {
  database: string
  token: string | undefined
}

/** Reads a LOGIN7 message. Lengths that point outside it throw `RangeError`. */
export function parseLogin(data: Buffer): Login {
  const textAt = (position: number) => {
    const start = data.readUInt16LE(position)
    return data.subarray(start, start + 2 * data.readUInt16LE(position + 2)).toString('utf16le')
  }
  return { database: textAt(68), token: tokenIn(data) }
}

function tokenIn(data: Buffer): string | undefined {
  const hasExtension = (data[27]! & 0x10) !== 0
  if (!hasExtension) return undefined
  let at = data.readUInt32LE(data.readUInt16LE(56))
  while (data[at] !== undefined && data[at] !== 0xff) {
    const [feature, length] = [data[at], data.readUInt32LE(at + 1)]
    const body = data.subarray(at + 5, at + 5 + length)
    // A security token: library 1, then its length.
    if (feature === 2 && body[0]! >> 1 === 1)
      return body.subarray(5, 5 + body.readUInt32LE(1)).toString('utf16le')
    at += 5 + length
  }
  return undefined
}
