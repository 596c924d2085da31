import { randomBytes } from 'node:crypto'
import type { Reply } from '../http.ts'
import { secretView } from './application-view.ts'
import { requireWritePermission } from './authorization.ts'
import { badRequest, invalidProperty, unknownSegment } from './errors.ts'
import type { GraphCall } from './request.ts'
import type { ApplicationObject } from './state.ts'

const twoYears = 2 * 365 * 86_400_000

const withoutNamespace = (action: string) => action.toLowerCase().replace(/^microsoft\.graph\./, '')

export const isPasswordAction = (action: string) =>
  ['addpassword', 'removepassword'].includes(withoutNamespace(action))

/** Handles the actions `addPassword` and `removePassword`. */
export function passwordActions(call: GraphCall, application: ApplicationObject, action: string): Reply {
  if (call.method !== 'POST' || !isPasswordAction(action)) throw unknownSegment(action)
  requireWritePermission(call, application)
  return withoutNamespace(action) === 'addpassword'
    ? addPassword(call, application)
    : removePassword(call, application)
}

function addPassword(call: GraphCall, application: ApplicationObject): Reply {
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
  simulator.markChanged()
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

function removePassword(call: GraphCall, application: ApplicationObject): Reply {
  const { keyId } = call.body()
  if (typeof keyId !== 'string') throw invalidProperty('keyId', 'PasswordCredential')
  const remaining = application.secrets.filter((each) => each.keyId !== keyId)
  if (remaining.length === application.secrets.length)
    throw badRequest(`No password credential found with keyId '${keyId}'.`)
  application.secrets = remaining
  call.simulator.markChanged()
  return { status: 204 }
}
