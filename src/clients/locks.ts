/** A lock, which forbids deleting what it is on, or also changing it. Other owners protect their resources by locks. */
export interface Lock {
  id: string
  name: string
  level: 'CanNotDelete' | 'ReadOnly'
  /** The subscription, resource group or resource that it is on; it applies to everything within. */
  scope: string
}

export interface Locks {
  /** Returns all locks in the subscription with this ID. */
  inSubscription(subscription: string): Promise<Lock[]>
}
