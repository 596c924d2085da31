import type { CheckCode } from '../base/check-code.ts'
import type { Remedy } from '../base/command.ts'
import type { Values } from './values.ts'

/** The request that failed, for documents and reports. */
export interface FailingService {
  /** `Microsoft Graph` */
  name: string
  /** HTTP status; null if there was no response. */
  status: number | null
  /** What wi-setup was doing, such as `read vault kv-shop`. */
  operation: string
  /** Address of the request. */
  resource: string
  /** How often it was sent. */
  attempts: number
  /** Seconds that the service asks to wait; null if it doesn't. */
  retryAfter: number | null
}

/** An error explained to the user. */
export interface Explained {
  code: string
  /** What happened. */
  what: string
  /** Likely causes, most likely first; empty if unknown. */
  why: string[]
  remedy: Remedy
  /** The service's own message, redacted. */
  original: string | undefined
  /** The service's request or trace ID. */
  trace: string | undefined
  /** The check that detects this failure. */
  check?: CheckCode | undefined
  /** The request that failed. */
  service?: FailingService | undefined
  /** The values in the message, by name: issuer, subject, … */
  presented?: Values
}
