import type { Call, Reply } from '../http.ts'
import type { Simulator } from '../simulator.ts'
import type { StorageAccount } from './accounts.ts'
import { authenticate, unauthorized } from './authentication.ts'
import { requireNetwork, requirePermission } from './authorization.ts'
import { unsupportedVerb } from './errors.ts'
import type { StorageOperation, StorageRequest, Target } from './request.ts'
import { type StorageServiceParts, storageService } from './service.ts'

/** A service of the storage accounts that needs a token. */
export interface DataPlane extends Omit<StorageServiceParts, 'answer'> {
  operations: readonly StorageOperation[]
  /** Returns what the path of a request names. */
  parsePath(call: Call): Target
  /** Returns the ARM path below the account, for role assignments: `/blobServices/default/containers/c`. */
  scopeOf(target: Target): string
  /** Throws unless the request is permitted without a token (default: it never is). */
  requireAnonymous?(request: StorageRequest, operation: StorageOperation): void
}

/** The query parameters that select an operation. */
const selectors = ['restype', 'comp', 'resource', 'action', 'peekonly'] as const

function findOperation({ operations }: DataPlane, call: Call, on: string): StorageOperation {
  const found = operations.find(
    (each) =>
      each.method === call.method &&
      each.on === on &&
      selectors.every((name) => each.select?.[name] === call.query(name)?.toLowerCase()),
  )
  if (!found) throw unsupportedVerb()
  return found
}

/** Checks a request as Storage does, in its order, and lets its operation handle it. Throws `StorageError`. */
async function answer(
  plane: DataPlane,
  call: Call,
  simulator: Simulator,
  account: StorageAccount,
): Promise<Reply> {
  requireNetwork(account, call.clientAddress)
  const caller = await authenticate(call, simulator, account)
  const target = plane.parsePath(call)
  const operation = findOperation(plane, call, target.on)
  const request: StorageRequest = { ...target, call, simulator, account }
  if (caller) requirePermission(simulator, account, caller, operation.permission, plane.scopeOf(target))
  else if (plane.requireAnonymous) plane.requireAnonymous(request, operation)
  else throw unauthorized(simulator, 'NoAuthenticationInformation')
  return operation.handler(request)
}

/** Returns a data plane as a service of the simulator. */
export const dataPlaneService = (plane: DataPlane) =>
  storageService({
    ...plane,
    answer: (call, simulator, account) => answer(plane, call, simulator, account),
  })
