import type { SandboxState } from '../sandbox-state.ts'

/** Returns the path of the subscription that a resource is in: `/subscriptions/<id>`. */
export const subscriptionPath = (id: string): string => `/subscriptions/${subscriptionId(id)}`

/** Returns the ID of the subscription that a path begins with. */
export const subscriptionId = (path: string): string => (path.split('/')[2] ?? '').toLowerCase()

/** Returns the tenant's subscriptions, the default one first. */
export const subscriptionsOf = ({
  subscription,
  otherSubscriptions = [],
}: SandboxState): SandboxState['subscription'][] => [subscription, ...otherSubscriptions]

export const findSubscription = (state: SandboxState, id: string) =>
  subscriptionsOf(state).find((each) => each.id === id.toLowerCase())
