import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Simulator } from '../simulator.ts'
import type { Namespace } from './namespaces.ts'

export const rootRule = 'RootManageSharedAccessKey'

/** Returns a key of a namespace's root rule. It follows from the state, so it need not be stored. */
export const sharedKey = (
  { state }: Simulator,
  namespaceId: string,
  which: 'primary' | 'secondary',
): string =>
  createHmac('sha256', state.operator.clientSecret)
    .update(`${namespaceId.toLowerCase()} ${which}`)
    .digest('base64')

const equal = (a: string, b: string) =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))

/** Returns what is wrong with a shared access signature; undefined if it is valid for the namespace. */
export function signatureProblem(simulator: Simulator, { id }: Namespace, token: string): string | undefined {
  const [, text] = /^SharedAccessSignature (.+)$/s.exec(token) ?? []
  const members = new URLSearchParams(text ?? '')
  const [resource, signature, expiry, rule] = ['sr', 'sig', 'se', 'skn'].map((name) => members.get(name))
  if (!resource || !signature || !expiry || !rule)
    return 'MalformedToken: The authorization header contains a token that is malformed.'
  const signed = `${encodeURIComponent(resource)}\n${expiry}`
  const isSigned = (['primary', 'secondary'] as const).some((which) =>
    equal(
      createHmac('sha256', sharedKey(simulator, id, which))
        .update(signed)
        .digest('base64'),
      signature,
    ),
  )
  if (rule !== rootRule || !isSigned) return 'InvalidSignature: The token has an invalid signature.'
  if (Number(expiry) * 1000 <= simulator.now()) return 'ExpiredToken: The token is expired.'
  return undefined
}
