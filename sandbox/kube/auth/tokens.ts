import { randomUUID } from 'node:crypto'
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose'
import type { Simulator } from '../../simulator.ts'
import { badRequest, conflict, invalidField, invalidObject, notFound } from '../errors.ts'
import { isMap } from '../objects/patches.ts'
import { resourceForKind } from '../objects/resources.ts'
import { formatTime, getObject } from '../objects/store.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import type { AccessAttributes } from './access-attributes.ts'
import { publicKeySet, signingKey } from './signing-keys.ts'

const maxSeconds = 86_400
const minSeconds = 600

/** Returns the audiences that identify the API server. */
export const apiAudiences = (cluster: KubeCluster) => [
  ...new Set([cluster.issuer, `https://${cluster.fqdn}`]),
]

/** Signs a service account token. `bound` holds the claims of the pod, node or secret that it is bound to. */
export async function mintServiceAccountToken(
  simulator: Simulator,
  cluster: KubeCluster,
  account: StoredObject,
  options: { audiences: string[]; seconds: number; bound?: JsonObject },
): Promise<{ token: string; expires: number }> {
  const { kid, key } = await signingKey(cluster)
  const issuedAt = Math.floor(simulator.now() / 1000)
  const { name, namespace, uid } = account.metadata
  const token = await new SignJWT({
    aud: options.audiences,
    exp: issuedAt + options.seconds,
    iat: issuedAt,
    iss: cluster.issuer,
    jti: randomUUID(),
    'kubernetes.io': { namespace, ...options.bound, serviceaccount: { name, uid } },
    nbf: issuedAt,
    sub: `system:serviceaccount:${namespace}:${name}`,
  })
    .setProtectedHeader({ alg: 'RS256', kid })
    .sign(key)
  return { token, expires: issuedAt + options.seconds }
}

const referenceTo = (object: StoredObject) => ({ name: object.metadata.name, uid: object.metadata.uid })

/** Returns the claims that bind a token to a pod and its node. */
export function podClaims(cluster: KubeCluster, pod: StoredObject): JsonObject {
  const node = pod.spec?.nodeName && getObject(cluster, resourceForKind('Node'), '', pod.spec.nodeName)
  return { ...(node ? { node: referenceTo(node) } : {}), pod: referenceTo(pod) }
}

function boundClaims(cluster: KubeCluster, account: StoredObject, ref: JsonObject): JsonObject {
  const namespace = account.metadata.namespace!
  const kind = ref.kind as string
  if (!['Pod', 'Secret', 'Node'].includes(kind))
    throw badRequest(`cannot bind token to object of type ${kind}`)
  const resource = resourceForKind(kind)
  const found = getObject(cluster, resource, kind === 'Node' ? '' : namespace, ref.name)
  if (!found) throw notFound(resource, ref.name)
  if (ref.uid && ref.uid !== found.metadata.uid)
    throw conflict(
      resource,
      ref.name,
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  if (kind === 'Pod') {
    if (found.spec.serviceAccountName !== account.metadata.name)
      throw badRequest(
        `cannot bind token for serviceaccount "${account.metadata.name}" to pod running with different serviceaccount name.`,
      )
    return podClaims(cluster, found)
  }
  return { [kind.toLowerCase()]: referenceTo(found) }
}

/** Handles a TokenRequest. Returns a warning if the expiration was shortened. Throws 400, 404, 409 or 422. */
export async function requestToken(
  simulator: Simulator,
  cluster: KubeCluster,
  account: StoredObject,
  body: JsonObject,
): Promise<{ object: JsonObject; warning?: string }> {
  const spec = (body.spec ?? {}) as JsonObject
  const requestedSeconds = spec.expirationSeconds ?? 3600
  const { name, namespace } = account.metadata
  const { audiences: sentAudiences, boundObjectRef } = spec
  const isText = (each: unknown) => each == null || typeof each === 'string'
  const isList = sentAudiences == null || (Array.isArray(sentAudiences) && sentAudiences.every(isText))
  const isReference =
    boundObjectRef == null || (isMap(boundObjectRef) && Object.values(boundObjectRef).every(isText))
  if (typeof requestedSeconds !== 'number' || !isList || !isReference)
    throw badRequest(
      'TokenRequest in version "v1" cannot be handled as a TokenRequest: json: cannot unmarshal into Go struct field TokenRequestSpec.spec',
    )
  if (requestedSeconds < minSeconds || requestedSeconds > 2 ** 32)
    throw invalidObject({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', [
      invalidField(
        'spec.expirationSeconds',
        requestedSeconds,
        requestedSeconds < minSeconds
          ? 'may not specify a duration less than 10 minutes'
          : 'may not specify a duration larger than 2^32 seconds',
      ),
    ])
  const seconds = Math.min(requestedSeconds, maxSeconds)
  const audiences = spec.audiences?.length ? spec.audiences : apiAudiences(cluster)
  const bound = spec.boundObjectRef ? boundClaims(cluster, account, spec.boundObjectRef) : undefined
  const { token, expires } = await mintServiceAccountToken(simulator, cluster, account, {
    audiences,
    seconds,
    ...(bound ? { bound } : {}),
  })
  return {
    object: {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace, creationTimestamp: formatTime(simulator.now()) },
      spec: { audiences, expirationSeconds: seconds, boundObjectRef: spec.boundObjectRef ?? null },
      status: { token, expirationTimestamp: formatTime(expires * 1000) },
    },
    ...(seconds < requestedSeconds
      ? { warning: `requested expiration of ${requestedSeconds} seconds shortened to ${seconds} seconds` }
      : {}),
  }
}

export interface User {
  username: string
  uid?: string
  groups: string[]
  extra?: Record<string, string[]>
  /** Whether Azure RBAC allows a request; undefined unless the cluster asks it about this user. */
  mayByAzure?: (attributes: AccessAttributes) => boolean
}

/** Returns the service account of a token, or `undefined` for an invalid token. */
export async function verifyToken(
  simulator: Simulator,
  cluster: KubeCluster,
  token: string,
  audiences = apiAudiences(cluster),
): Promise<User | undefined> {
  const keys = createLocalJWKSet({ keys: publicKeySet(simulator, cluster).keys as never })
  const verified = await jwtVerify(token, keys, {
    algorithms: ['RS256'],
    audience: audiences,
    currentDate: new Date(simulator.now()),
  }).catch(() => undefined)
  const claims = verified?.payload['kubernetes.io'] as JsonObject | undefined
  if (!verified || !claims) return undefined
  const { namespace, serviceaccount, pod, secret } = claims
  const exists = (kind: string, ref: JsonObject) =>
    getObject(cluster, resourceForKind(kind), namespace, ref.name)?.metadata.uid === ref.uid
  if (!exists('ServiceAccount', serviceaccount)) return undefined
  if ((pod && !exists('Pod', pod)) || (secret && !exists('Secret', secret))) return undefined
  return {
    username: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: {
      'authentication.kubernetes.io/credential-id': [`JTI=${verified.payload.jti}`],
      ...(claims.node
        ? {
            'authentication.kubernetes.io/node-name': [claims.node.name],
            'authentication.kubernetes.io/node-uid': [claims.node.uid],
          }
        : {}),
      ...(pod
        ? {
            'authentication.kubernetes.io/pod-name': [pod.name],
            'authentication.kubernetes.io/pod-uid': [pod.uid],
          }
        : {}),
    },
  }
}
