// Messages of the frontend/backend protocol 3.0. Source: PostgreSQL documentation, "Message Formats".

const int32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

const int16 = (value: number) => {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

const message = (type: string, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body])
}

const text = (value: string) => Buffer.from(`${value}\0`)

export const isSslRequest = (bytes: Buffer): boolean =>
  bytes.length >= 8 && bytes.readInt32BE(0) === 8 && bytes.readInt32BE(4) === 80877103

export const askForPassword = message('R', int32(3))
export const readyForQuery = message('Z', Buffer.from('I'))

/** Returns what follows an accepted password: the parameters of the session. */
export const sessionStart = (): Buffer =>
  Buffer.concat([
    message('R', int32(0)),
    ...Object.entries({
      server_version: '17.2',
      client_encoding: 'UTF8',
      server_encoding: 'UTF8',
      DateStyle: 'ISO, MDY',
      TimeZone: 'UTC',
      integer_datetimes: 'on',
      standard_conforming_strings: 'on',
    }).map(([name, value]) => message('S', text(name), text(value))),
    message('K', int32(1), int32(1)),
    readyForQuery,
  ])

export const errorResponse = (severity: 'FATAL' | 'ERROR', code: string, description: string): Buffer =>
  message('E', ...[`S${severity}`, `V${severity}`, `C${code}`, `M${description}`].map(text), Buffer.from([0]))

/** Returns one row with one text column. */
export function textRow(column: string, value: string): Buffer {
  const description = [text(column), int32(0), int16(0), int32(25), int16(-1), int32(-1), int16(0)]
  const bytes = Buffer.from(value)
  return Buffer.concat([
    message('T', int16(1), ...description),
    message('D', int16(1), int32(bytes.length), bytes),
    commandComplete('SELECT 1'),
  ])
}

export const commandComplete = (tag: string): Buffer => message('C', text(tag))

/** Reads a message: its type and body. */
export async function readMessage(read: (bytes: number) => Promise<Buffer>): Promise<[string, Buffer]> {
  const head = Buffer.from(await read(5))
  return [head.toString('latin1', 0, 1), await read(head.readInt32BE(1) - 4)]
}

/** Reads the startup message, and returns its parameters. */
export async function readStartup(
  read: (bytes: number) => Promise<Buffer>,
): Promise<Record<string, string | undefined>> {
  const length = (await read(4)).readInt32BE(0)
  const words = (await read(length - 4)).subarray(4).toString().split('\0')
  const pairs = words.flatMap((word, index) =>
    index % 2 === 0 && word ? [[word, words[index + 1] ?? '']] : [],
  )
  return Object.fromEntries(pairs)
}
