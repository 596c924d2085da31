/** The resource providers of the subscription. */
export interface Providers {
  /** `Registered`, `Registering`, `NotRegistered`, … */
  state(namespace: string): Promise<string>
  register(namespace: string): Promise<void>
}
