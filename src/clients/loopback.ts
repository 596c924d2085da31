import { Agent } from 'node:https'
import type { LookupFunction } from 'node:net'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'

const lookup: LookupFunction = (_, options, callback) =>
  options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4)

/** Returns whether the host is loopback; names under `.localhost` always are (RFC 6761). */
export const isLoopback = (hostname: string): boolean =>
  /(^|\.)localhost$/i.test(hostname) || hostname === '127.0.0.1' || hostname === '[::1]'

/** Returns agent options that resolve names under `.localhost`, which some system resolvers do not. */
export const loopbackLookup = (hostname: string): { lookup?: LookupFunction } =>
  isLoopback(hostname) ? { lookup } : {}

const contexts = new Map<string, SecureContext>()

/** Returns a context that trusts one more authority. Cached, because loading over 100 certificates is slow. */
export function contextTrusting(ca: string): SecureContext {
  const context = contexts.get(ca) ?? createSecureContext({ ca: [...getCACertificates('default'), ca] })
  contexts.set(ca, context)
  return context
}

/** Returns an agent for loopback names that also trusts the given authority (PEM). */
export const makeLoopbackAgent = (ca: string | undefined): Agent =>
  new Agent({ keepAlive: true, lookup, ...(ca ? { secureContext: contextTrusting(ca) } : {}) })
