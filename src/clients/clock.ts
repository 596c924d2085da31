/** The services' clock, from the Date header of their responses. */
export interface Clock {
  /** Returns how many ms the services' clock is ahead of this machine's; 0 before the first response. */
  skew(): number
}
