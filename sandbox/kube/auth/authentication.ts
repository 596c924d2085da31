import { timingSafeEqual } from 'node:crypto'
import type { Call } from '../../http.ts'
import { sha256 } from '../../sha256.ts'
import type { Simulator } from '../../simulator.ts'
import { unauthorized } from '../errors.ts'
import type { KubeCluster } from '../state.ts'
import { entraUser } from './entra-users.ts'
import { type User, verifyToken } from './tokens.ts'

export const clusterAdmin: User = {
  username: 'clusterAdmin',
  groups: ['system:masters', 'system:authenticated'],
}

export const anonymous: User = { username: 'system:anonymous', groups: ['system:unauthenticated'] }

const isSameSecret = (one: string, other: string) => {
  return timingSafeEqual(sha256(one), sha256(other))
}

/** Returns the user of a bearer token. Throws 401 unless the token is one of the cluster's. */
export async function userOfToken(simulator: Simulator, cluster: KubeCluster, token: string): Promise<User> {
  if (isSameSecret(token, cluster.adminToken)) return clusterAdmin
  const user = (await verifyToken(simulator, cluster, token)) ?? (await entraUser(simulator, cluster, token))
  if (!user) throw unauthorized()
  return user
}

export async function authenticateUser(
  simulator: Simulator,
  cluster: KubeCluster,
  call: Call,
): Promise<User> {
  const [scheme, token] = (call.headers.authorization ?? '').split(/\s+/)
  return scheme?.toLowerCase() === 'bearer' && token ? userOfToken(simulator, cluster, token) : anonymous
}
