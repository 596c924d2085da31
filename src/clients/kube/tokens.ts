import type { Kubernetes, PublicKey } from '../kubernetes.ts'
import { hasCode } from '../service-error.ts'
import { pathOf } from './kinds.ts'
import type { KubeRequests } from './requests.ts'

type Tokens = Pick<Kubernetes, 'token' | 'issuer' | 'keyIds' | 'keys'>

/** Service account tokens, and the documents of their issuer. */
export function makeTokens({ call }: KubeRequests): Tokens {
  const keys = () =>
    undefinedIfForbidden(async () => {
      // A real API server returns its keys only as this type.
      const accept = 'application/jwk-set+json'
      return (await call<{ keys: PublicKey[] }>('GET', '/openid/v1/jwks', { accept })).keys
    })
  return {
    async token(namespace, serviceAccount, { audience, seconds }) {
      const body = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { audiences: [audience], expirationSeconds: seconds },
      }
      const path = `${pathOf('ServiceAccount', namespace, serviceAccount)}/token`
      return (await call<{ status: { token: string } }>('POST', path, { body })).status.token
    },

    issuer: () =>
      undefinedIfForbidden(async () => {
        const { issuer } = await call<{ issuer: string }>('GET', '/.well-known/openid-configuration')
        return issuer
      }),

    keys,
    keyIds: async () => (await keys())?.map(({ kid }) => kid),
  }
}

/** Returns undefined for what the API server doesn't have, or doesn't show to the caller. */
export async function undefinedIfForbidden<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (hasCode(error, 'NotFound', 'Forbidden')) return undefined
    throw error
  }
}
