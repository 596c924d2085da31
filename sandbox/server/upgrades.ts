import { type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { answer, type RequestContext } from './answer.ts'

/** Answers clients that ask for another protocol, such as WebSocket. Services that have none reply as to any request. */
export function answerUpgrades(server: Server, context: RequestContext): { close: () => void } {
  // An upgraded connection no longer counts as one of the server, which waits for it nevertheless when it closes.
  const open = new Set<Socket>()
  server.on('upgrade', (request, duplex, head) => {
    const socket = duplex as Socket
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket)
    response.on('finish', () => socket.end())
    answer(request, response, context, { request, socket, head }).catch(() => socket.destroy())
  })
  return {
    close() {
      for (const socket of open) socket.destroy()
    },
  }
}
