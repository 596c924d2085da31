import { randomBytes } from 'node:crypto'
import type { Reply } from '../http.ts'
import { secretView } from './application-view.ts'
import { requireWritePermission } from './authorization.ts'
import { badRequest, invalidProperty } from './errors.ts'
import { requireApplication } from './lookup.ts'
import type { GraphCall } from './request.ts'
import type { ApplicationObject } from './state.ts'

const twoYears = 2 * 365 * 86_400_000

/** Returns the application, replicated or not: Graph runs password actions where it was created. */
function requireWritableApplication(call: GraphCall): ApplicationObject {
  const application = requireApplication(call, ({ deletedAt }) => deletedAt === undefined)
  requireWritePermission(call, application)
  return application
}

export function addPassword(call: GraphCall): Reply {
  const application = requireWritableApplication(call)
  const { simulator } = call
  const passwordCredential = (call.body().passwordCredential ?? {}) as Record<
    string,
    string | null | undefined
  >
  const readTime = (name: string, defaultTime: number) => {
    const text: unknown = passwordCredential[name]
    if (text == null) return defaultTime
    const at = typeof text === 'string' ? Date.parse(text) : Number.NaN
    if (Number.isNaN(at)) throw invalidProperty(name, 'PasswordCredential')
    return at
  }
  const startsAt = readTime('startDateTime', simulator.now())
  const value = `${randomBytes(2).toString('hex').slice(0, 3)}8Q~${randomBytes(25).toString('base64url')}`
  const secret = {
    keyId: crypto.randomUUID(),
    hint: value.slice(0, 3),
    value,
    displayName: passwordCredential.displayName ?? null,
    startsAt,
    endsAt: readTime('endDateTime', startsAt + twoYears),
  }
  application.secrets.push(secret)
  return {
    status: 200,
    headers: { location: simulator.addresses.graph },
    body: {
      '@odata.context': `${simulator.addresses.graph}/${call.version}/$metadata#microsoft.graph.passwordCredential`,
      ...secretView(secret),
      secretText: value,
    },
  }
}

export function removePassword(call: GraphCall): Reply {
  const application = requireWritableApplication(call)
  const { keyId } = call.body()
  if (typeof keyId !== 'string') throw invalidProperty('keyId', 'PasswordCredential')
  const remaining = application.secrets.filter((each) => each.keyId !== keyId)
  if (remaining.length === application.secrets.length)
    throw badRequest(`No password credential found with keyId '${keyId}'.`)
  application.secrets = remaining
  return { status: 204 }
}
