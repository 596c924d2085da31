import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after } from 'node:test'
import { sharedKeys } from './shared-keys.ts'

export interface ReceivedRequest {
  method: string
  url: string
  authorization: string | undefined
  body: string
}

export interface Attacker {
  /** `https://localhost:PORT`, with a certificate of the sandbox's authority. */
  origin: string
  port: number
  received: ReceivedRequest[]
  /** The received requests with a token, or with a secret or an assertion in the body. */
  credentials(): ReceivedRequest[]
}

export type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void

const notFound: Answer = (_, response) => response.writeHead(404).end('{}')

/** Starts a server that records what it receives, and is closed after the tests of this file. */
export async function startAttacker(answer: Answer = notFound): Promise<Attacker> {
  const received: ReceivedRequest[] = []
  const { server: certificate } = await sharedKeys()
  const server = createServer(certificate, async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part)
    const body = Buffer.concat(parts).toString('utf8')
    const { method = '', url = '', headers } = request
    received.push({ method, url, authorization: headers.authorization, body })
    answer(request, response, body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    origin: `https://localhost:${port}`,
    port,
    received,
    credentials: () =>
      received.filter(
        ({ authorization, body }) =>
          authorization !== undefined || /client_secret|client_assertion|refresh_token/.test(body),
      ),
  }
}
