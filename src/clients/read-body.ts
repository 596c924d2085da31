import { addAbortSignal, type Readable } from 'node:stream'
import { sizeText } from '../base/read-limits.ts'
import { isJson, jsonExcess } from './json-size.ts'

/** The response is larger than the limit; the message says what of it. */
export class ExcessError extends Error {}

/** The response ended early, or was not compressed as it says. */
export class TruncationError extends Error {}

/**
 * Returns a response's body as text. Throws `ExcessError` as soon as it is too large, `TruncationError`, or the abort's
 * reason.
 */
export async function readText(
  stream: NodeJS.ReadableStream,
  { limit, signal }: { limit: number; signal: AbortSignal },
): Promise<string> {
  const bytes = await readBytes(addAbortSignal(signal, stream as Readable), limit).catch((error: Error) => {
    if (error instanceof ExcessError || signal.aborted) throw error
    throw new TruncationError(error.message)
  })
  const excess = isJson(bytes) ? jsonExcess(bytes) : undefined
  if (excess) throw new ExcessError(excess)
  return bytes.toString('utf8')
}

async function readBytes(stream: Readable, limit: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of stream) {
    size += part.length
    if (size > limit) throw new ExcessError(`a response of more than ${sizeText(limit)}`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}
