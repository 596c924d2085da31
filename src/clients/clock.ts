/** The clock of the services, by what they write into their answers. */
export interface Clock {
  /** How far it is ahead of this machine's, in ms; 0 before anything was answered. */
  skew(): number
}
