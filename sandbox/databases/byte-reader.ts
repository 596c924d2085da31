import type { Duplex } from 'node:stream'

/** A client has disconnected, or sent more than it may. */
export class Disconnected extends Error {}

const maxBytes = 1024 * 1024

/** Returns a function that reads exactly so many bytes. It throws `Disconnected` at the end of the connection. */
export function byteReader(socket: Duplex): (bytes: number) => Promise<Buffer> {
  let buffer = Buffer.alloc(0)
  let ended = false
  let notify = () => {}
  socket.on('data', (part: Buffer) => {
    buffer = Buffer.concat([buffer, part])
    notify()
  })
  for (const event of ['end', 'close', 'error'])
    socket.on(event, () => {
      ended = true
      notify()
    })
  return async (bytes) => {
    if (bytes > maxBytes) throw new Disconnected('The message is too long')
    while (buffer.length < bytes) {
      if (ended) throw new Disconnected('The client has disconnected')
      await new Promise<void>((resolve) => {
        notify = resolve
      })
    }
    const taken = buffer.subarray(0, bytes)
    buffer = buffer.subarray(bytes)
    return taken
  }
}
