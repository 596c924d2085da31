/**
 * Everything that the simulated services have accepted, as plain JSON. Timestamps are ms since the epoch; a long
 * operation stores the time at which it ends, so it goes on while the sandbox is stopped.
 *
 * Each service adds its own part to this interface in its `state.ts`.
 */
export interface SandboxState {
  schema: 1
  port: number
  tenant: { id: string; domain: string; displayName: string }
  /** The default subscription. */
  subscription: { id: string; displayName: string }
  otherSubscriptions?: { id: string; displayName: string }[]
  /** The signed-in service principal: owns the subscriptions and may register applications. */
  operator: { clientId: string; clientSecret: string; objectId: string; displayName: string }
}
