import { createReadStream } from 'node:fs'
import { tooLargeText } from './read-limits.ts'

/** The input is larger than the limit; the message says so, to follow the input's name. */
export class TooLargeError extends Error {
  constructor(limit: number) {
    super(tooLargeText(limit))
    this.name = 'TooLargeError'
  }
}

/** Returns all bytes of a stream. Throws `TooLargeError` as soon as there are more than `limit`. */
export async function readLimited(stream: AsyncIterable<unknown>, limit: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of stream) {
    const bytes = Buffer.from(part as Uint8Array)
    size += bytes.length
    if (size > limit) throw new TooLargeError(limit)
    parts.push(bytes)
  }
  return Buffer.concat(parts)
}

/** Returns a file's bytes; also those of a pipe or a device. Throws `TooLargeError`, or the system's error. */
export const readFileLimited = (path: string, limit: number): Promise<Buffer> =>
  readLimited(createReadStream(path, { end: limit }), limit)
