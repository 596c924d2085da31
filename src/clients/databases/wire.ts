import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Http } from '../http.ts'
import { loopbackLookup } from '../loopback.ts'

/** How to reach a database server. */
export interface DatabaseAddress {
  host: string
  port: number
}

export interface WireOptions extends DatabaseAddress {
  http: Http
  signal: AbortSignal
  /** Until the connection is given up, in ms. */
  timeout: number
}

/** A connection of which a client reads as many bytes as it expects. */
export interface Wire {
  write(data: Buffer): void
  /** Returns exactly so many bytes. Throws the error of the network. */
  read(bytes: number): Promise<Buffer>
  /** Encrypts the connection, and verifies the certificate of the server. */
  secure(protocol?: string): Promise<void>
  close(): void
}

/** No message of a login is longer. */
const maxMessage = 1024 * 1024

const failure = (code: string, message: string) => Object.assign(new Error(message), { code })

/** Connects to a server. Nothing is encrypted before `secure`. */
export async function openWire({ host, port, http, signal, timeout }: WireOptions): Promise<Wire> {
  const tcp = connectTcp({ host, port, ...loopbackLookup(host) })
  let socket: Socket = tcp
  let buffer = Buffer.alloc(0)
  let failed: Error | undefined
  let notify = () => {}
  const fail = (error: Error) => {
    failed ??= error
    tcp.destroy()
    notify()
  }
  const late = setTimeout(
    () => fail(failure('ETIMEDOUT', `no complete response within ${timeout / 1000} s`)),
    timeout,
  )
  const abort = () => fail(signal.reason as Error)
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  const close = () => {
    clearTimeout(late)
    signal.removeEventListener('abort', abort)
    socket.destroy()
    tcp.destroy()
  }
  const receive = (part: Buffer) => {
    buffer = Buffer.concat([buffer, part])
    notify()
  }
  const ended = () => fail(failure('ECONNRESET', 'the connection was interrupted'))
  const watch = (of: Socket) => of.on('data', receive).on('error', fail).on('close', ended)
  const until = async (isDone: () => boolean) => {
    while (!isDone()) {
      if (failed) throw failed
      await new Promise<void>((resolve) => {
        notify = resolve
      })
    }
  }
  watch(tcp)
  tcp.on('connect', () => notify())
  await until(() => !tcp.connecting).catch((error) => {
    close()
    throw error
  })
  return {
    write: (data) => void socket.write(data),
    async read(bytes) {
      if (bytes < 0 || bytes > maxMessage) throw failure('EUNREADABLE', 'unreadable')
      await until(() => buffer.length >= bytes)
      const taken = Buffer.from(buffer.subarray(0, bytes))
      buffer = buffer.subarray(bytes)
      return taken
    },
    async secure(protocol) {
      // What arrived before could be anyone's.
      if (buffer.length > 0) throw failure('EUNREADABLE', 'unreadable')
      tcp.off('data', receive)
      const { secureContext } = http.agentFor(host)?.options ?? {}
      const tls = connectTls({
        socket: tcp,
        servername: host,
        ...(secureContext && { secureContext }),
        ...(protocol && { ALPNProtocols: [protocol] }),
      })
      socket = tls
      let isSecure = false
      tls.on('secureConnect', () => {
        isSecure = true
        notify()
      })
      watch(tls)
      await until(() => isSecure)
    },
    close,
  }
}
