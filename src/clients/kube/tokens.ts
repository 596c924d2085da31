import type { Kubernetes } from '../kubernetes.ts'
import { hasCode } from '../service-error.ts'
import { pathOf } from './kinds.ts'
import type { KubeRequests } from './requests.ts'

type Tokens = Pick<Kubernetes, 'token' | 'issuer' | 'keyIds'>

/** Service account tokens, and the documents of their issuer. */
export function makeTokens({ call }: KubeRequests): Tokens {
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

    keyIds: () =>
      undefinedIfForbidden(async () => {
        // A real API server returns its keys only as this type.
        const accept = 'application/jwk-set+json'
        const { keys } = await call<{ keys: { kid: string }[] }>('GET', '/openid/v1/jwks', { accept })
        return keys.map(({ kid }) => kid)
      }),
  }
}

async function undefinedIfForbidden<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (hasCode(error, 'NotFound', 'Forbidden')) return undefined
    throw error
  }
}
