import { isUndetermined } from '../clients/unavailable.ts'
import { exitCodes, type Health } from '../engine/check-result.ts'

/** Returns what errors that ended a run say: that something is wrong, or only that a service failed. */
export const healthOfErrors = (errors: readonly unknown[]): Health =>
  errors.every(isUndetermined) ? 'unknown' : 'unhealthy'

export const exitCodeOf = (errors: readonly unknown[]): number => exitCodes[healthOfErrors(errors)]
