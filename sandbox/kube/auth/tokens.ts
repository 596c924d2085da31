import { randomUUID } from 'node:crypto'
import { createLocalJWKSet, jwtVerify, SignJWT } from 'jose'
import type { Simulator } from '../../simulator.ts'
import { badRequest, conflict, invalidField, invalidObject, notFound } from '../errors.ts'
import { isMap } from '../objects/patches.ts'
import { resourceForKind } from '../objects/resources.ts'
import { formatTime, getObject } from '../objects/store.ts'
import type { JsonObject, KubeCluster, StoredObject } from '../state.ts'
import { publicKeySet, signingKey } from './signing-keys.ts'

const longest = 86_400
const shortest = 600

/** Who the API server itself is in a token's `aud`. */
export const apiAudiences = (cluster: KubeCluster) => [
  ...new Set([cluster.issuer, `https://${cluster.fqdn}`]),
]

/** Signs a service account's token. `bound` adds the pod, node or secret that it lives with. */
export async function mintServiceAccountToken(
  simulator: Simulator,
  cluster: KubeCluster,
  account: StoredObject,
  options: { audiences: string[]; seconds: number; bound?: JsonObject },
): Promise<{ token: string; expires: number }> {
  const { kid, key } = await signingKey(cluster)
  const issued = Math.floor(simulator.now() / 1000)
  const { name, namespace, uid } = account.metadata
  const token = await new SignJWT({
    aud: options.audiences,
    exp: issued + options.seconds,
    iat: issued,
    iss: cluster.issuer,
    jti: randomUUID(),
    'kubernetes.io': { namespace, ...options.bound, serviceaccount: { name, uid } },
    nbf: issued,
    sub: `system:serviceaccount:${namespace}:${name}`,
  })
    .setProtectedHeader({ alg: 'RS256', kid })
    .sign(key)
  return { token, expires: issued + options.seconds }
}

const named = (object: StoredObject) => ({ name: object.metadata.name, uid: object.metadata.uid })

/** The claims that bind a token to a pod: the pod, and the node that it runs on. */
export function podClaims(cluster: KubeCluster, pod: StoredObject): JsonObject {
  const node = pod.spec?.nodeName && getObject(cluster, resourceForKind('Node'), '', pod.spec.nodeName)
  return { ...(node ? { node: named(node) } : {}), pod: named(pod) }
}

function boundTo(cluster: KubeCluster, account: StoredObject, ref: JsonObject): JsonObject {
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
  return { [kind.toLowerCase()]: named(found) }
}

/** Answers a TokenRequest with the filled-in object and a warning when its life was cut. */
export async function requestToken(
  simulator: Simulator,
  cluster: KubeCluster,
  account: StoredObject,
  body: JsonObject,
): Promise<{ object: JsonObject; warning?: string }> {
  const spec = (body.spec ?? {}) as JsonObject
  const asked = spec.expirationSeconds ?? 3600
  const { name, namespace } = account.metadata
  const { audiences: named, boundObjectRef } = spec
  const isText = (each: unknown) => each == null || typeof each === 'string'
  const isList = named == null || (Array.isArray(named) && named.every(isText))
  const isReference =
    boundObjectRef == null || (isMap(boundObjectRef) && Object.values(boundObjectRef).every(isText))
  if (typeof asked !== 'number' || !isList || !isReference)
    throw badRequest(
      'TokenRequest in version "v1" cannot be handled as a TokenRequest: json: cannot unmarshal into Go struct field TokenRequestSpec.spec',
    )
  if (asked < shortest || asked > 2 ** 32)
    throw invalidObject({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', [
      invalidField(
        'spec.expirationSeconds',
        asked,
        asked < shortest
          ? 'may not specify a duration less than 10 minutes'
          : 'may not specify a duration larger than 2^32 seconds',
      ),
    ])
  const seconds = Math.min(asked, longest)
  const audiences = spec.audiences?.length ? spec.audiences : apiAudiences(cluster)
  const bound = spec.boundObjectRef ? boundTo(cluster, account, spec.boundObjectRef) : undefined
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
    ...(seconds < asked
      ? { warning: `requested expiration of ${asked} seconds shortened to ${seconds} seconds` }
      : {}),
  }
}

export interface User {
  username: string
  uid?: string
  groups: string[]
  extra?: Record<string, string[]>
}

/** The service account that a token of this cluster speaks for, or undefined when the token does not hold. */
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
  const alive = (kind: string, ref: JsonObject) =>
    getObject(cluster, resourceForKind(kind), namespace, ref.name)?.metadata.uid === ref.uid
  if (!alive('ServiceAccount', serviceaccount)) return undefined
  if ((pod && !alive('Pod', pod)) || (secret && !alive('Secret', secret))) return undefined
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
