/** The subscription's resource providers. */
export interface Providers {
  /** Returns `Registered`, `Registering`, `NotRegistered`, … */
  state(namespace: string): Promise<string>
  register(namespace: string): Promise<void>
}
