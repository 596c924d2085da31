import { ActionRequiredError } from '../base/action-required.ts'
import { az, instruction, withArgs } from '../base/command.ts'
import type { Lock } from '../clients/locks.ts'
import { hasCode } from '../clients/service-error.ts'
import { containerOf, type RemovalPlan, remainingOutputs } from './plan-removal.ts'
import type { Run } from './run.ts'
import type { AnyStep } from './step.ts'

const contains = (scope: string, id: string) => `${id.toLowerCase()}/`.startsWith(`${scope.toLowerCase()}/`)

/** Returns the ARM IDs of what a plan deletes; of what has none, such as a role assignment, that of its container. */
function removedIds(steps: readonly AnyStep[], { items, removability }: RemovalPlan, run: Run): string[] {
  const idOf = (step: AnyStep | undefined): unknown => step && remainingOutputs(removability.get(step.id)).id
  return steps
    .filter(({ id }) => items.some((item) => item.id === id && item.action === 'remove'))
    .flatMap((step) => {
      const own = idOf(step)
      const id = typeof own === 'string' && own.startsWith('/') ? own : idOf(containerOf(steps, step, run))
      return typeof id === 'string' && id.startsWith('/subscriptions/') ? [id] : []
    })
}

/** Returns the locks of a subscription; none if the caller can't read them. */
async function locksIn(subscription: string, { clients }: Run): Promise<Lock[]> {
  try {
    return await clients.locks.inSubscription(subscription)
  } catch (error) {
    if (hasCode(error, 'AuthorizationFailed')) return []
    throw error
  }
}

/** Returns the error that names the locks that forbid deleting any of it; undefined if there are none. */
export async function findLocks(
  steps: readonly AnyStep[],
  plan: RemovalPlan,
  run: Run,
): Promise<ActionRequiredError | undefined> {
  const ids = removedIds(steps, plan, run)
  const subscriptions = new Set(ids.map((id) => id.split('/')[2]!.toLowerCase()))
  const locks = (await Promise.all([...subscriptions].map((id) => locksIn(id, run)))).flat()
  const locked = locks.filter(({ scope }) => ids.some((id) => contains(scope, id) || contains(id, scope)))
  if (locked.length === 0) return undefined
  const names = locked.map(({ name, level, scope }) => `${name} (${level}) on ${scope}`)
  return new ActionRequiredError(
    `${locked.length === 1 ? 'A lock prevents' : `${locked.length} locks prevent`} deleting these resources, so nothing is deleted: ${names.join(', ')}`,
    instruction`If you may remove ${locked.length === 1 ? 'the lock' : 'the locks'}: ${withArgs(az('lock delete'), '--ids', ...locked.map(({ id }) => id))}. Then run the same command again.`,
  )
}

/** Throws if a lock forbids deleting any of it, so that nothing is deleted halfway. */
export async function requireUnlocked(steps: readonly AnyStep[], plan: RemovalPlan, run: Run): Promise<void> {
  const error = await findLocks(steps, plan, run)
  if (error) throw error
}
