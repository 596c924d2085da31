import type { CheckResult } from '../engine/check-result.ts'
import type { FailingService } from '../explain/explained.ts'
import { failingServiceText } from '../explain/failing-service.ts'
import { pluralize } from './text.ts'

/** Returns `Key Vault, status 503, read vault kv-shop, 4 attempts, Retry-After 30 s`. */
export function serviceText({ name, status, operation, attempts, retryAfter }: FailingService): string {
  return [
    name,
    status === null ? 'no response' : `status ${status}`,
    operation,
    pluralize(attempts, 'attempt'),
    ...(retryAfter === null ? [] : [`Retry-After ${retryAfter} s`]),
  ].join(', ')
}

/** Returns a sentence for each failing service that no failed check names. */
export function otherServicesText(checks: readonly CheckResult[]): string[] {
  const failed = checks.filter(({ status }) => status === 'fail')
  const shown = new Set(failed.map(({ service }) => service?.operation))
  const other = checks.flatMap(({ undetermined, service }) => (undetermined && service ? [service] : []))
  return [
    ...new Set(
      other.filter(({ operation }) => !shown.has(operation)).map((each) => failingServiceText(each)),
    ),
  ]
}
