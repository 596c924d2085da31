import { bearerToken } from '../entra/access-tokens.ts'
import type { Call, Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import { holderOf } from './authentication.ts'
import { findEntity } from './entities.ts'
import { addressBlocked, badToken, entityNotFound } from './errors.ts'
import { admits, type Namespace } from './namespaces.ts'

const escapeXml = (text: string) => text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`)

/** Returns an error as the services' HTTP interface does. */
export const errorReply = (status: number, detail: string): Reply => ({
  status,
  headers: { 'content-type': 'application/xml; charset=utf-8' },
  body: `<Error><Code>${status}</Code><Detail>${escapeXml(detail)}</Detail></Error>`,
})

/**
 * Answers a request without AMQP. The checks are simulated, but not the operations: sending, receiving and managing
 * entities over HTTP.
 */
export async function answerHttp(call: Call, simulator: Simulator, namespace: Namespace): Promise<Reply> {
  if (!admits(simulator, namespace, call.clientAddress))
    return errorReply(401, addressBlocked(simulator, namespace).description)
  const { authorization = '' } = call.headers
  const token =
    bearerToken(call) ?? (authorization.startsWith('SharedAccessSignature ') ? authorization : undefined)
  if (token === undefined) return errorReply(401, 'MissingToken: The authorization header was not found.')
  const holder = await holderOf(simulator, namespace, token)
  if (typeof holder === 'object' && 'problem' in holder)
    return errorReply(401, badToken(simulator, namespace, holder.problem).description)
  const path = call.segments[0] ?? ''
  if (!findEntity(simulator, namespace, path))
    return errorReply(404, entityNotFound(simulator, namespace, path).description)
  return errorReply(501, 'The sandbox simulates AMQP only, not the HTTP interface.')
}
