import { randomBytes } from 'node:crypto'
import type { Reply } from '../http.ts'
import { secretView } from './application-view.ts'
import { requireWritePermission } from './authorization.ts'
import { badRequest, invalidProperty, unknownSegment } from './errors.ts'
import type { GraphCall } from './request.ts'
import type { ApplicationObject } from './state.ts'

const twoYears = 2 * 365 * 86_400_000

const plain = (action: string) => action.toLowerCase().replace(/^microsoft\.graph\./, '')

export const isPasswordAction = (action: string) => ['addpassword', 'removepassword'].includes(plain(action))

/** The actions `addPassword` and `removePassword`. */
export function passwordActions(call: GraphCall, application: ApplicationObject, action: string): Reply {
  if (call.method !== 'POST' || !isPasswordAction(action)) throw unknownSegment(action)
  requireWritePermission(call, application)
  return plain(action) === 'addpassword' ? add(call, application) : remove(call, application)
}

function add(call: GraphCall, application: ApplicationObject): Reply {
  const { simulator } = call
  const asked = (call.body().passwordCredential ?? {}) as Record<string, string | null | undefined>
  const time = (name: string, otherwise: number) => {
    const text: unknown = asked[name]
    if (text == null) return otherwise
    const at = typeof text === 'string' ? Date.parse(text) : Number.NaN
    if (Number.isNaN(at)) throw invalidProperty(name, 'PasswordCredential')
    return at
  }
  const startsAt = time('startDateTime', simulator.now())
  const value = `${randomBytes(2).toString('hex').slice(0, 3)}8Q~${randomBytes(25).toString('base64url')}`
  const secret = {
    keyId: crypto.randomUUID(),
    hint: value.slice(0, 3),
    value,
    displayName: asked.displayName ?? null,
    startsAt,
    endsAt: time('endDateTime', startsAt + twoYears),
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

function remove(call: GraphCall, application: ApplicationObject): Reply {
  const { keyId } = call.body()
  if (typeof keyId !== 'string') throw invalidProperty('keyId', 'PasswordCredential')
  const left = application.secrets.filter((each) => each.keyId !== keyId)
  if (left.length === application.secrets.length)
    throw badRequest(`No password credential found with keyId '${keyId}'.`)
  application.secrets = left
  call.simulator.markChanged()
  return { status: 204 }
}
