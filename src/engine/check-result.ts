import type { CheckCode } from '../base/check-code.ts'
import type { Remedy } from '../base/command.ts'
import type { FailingService } from '../explain/explained.ts'
import { type AnyCheck, type ChainLink, docsLink, type Severity, type Verdict } from './check.ts'

export interface CheckResult {
  code: CheckCode
  title: string
  /** What it is about, if the same check runs for several things: the text of a grant. */
  subject?: string
  link: ChainLink
  level: Severity
  status: 'pass' | 'warn' | 'fail' | 'skip'
  detail: string
  is?: string
  should?: string
  /** As text. */
  remedy?: string
  /** The remedy with its commands as argument lists. */
  fix?: Remedy
  /** The failed check that this one was skipped because of. */
  because?: CheckCode
  /** Skipped because it could not run, not because it does not apply. */
  couldNotRun?: true
  /** Trace or request ID of the service's error. */
  trace?: string
  /** The request that failed. */
  service?: FailingService
  /** It may pass without a fix. */
  transient?: boolean
  /** The workload that it is about. */
  workload?: string
  /** A service failed, so that this check, or the one it was skipped because of, proves nothing. */
  undetermined?: true
  /** Where the code is explained, relative to the project's repository. */
  doc: string
  ms: number
}

/** Returns the results of a check: the first finding, then each additional one; none if it does not apply. */
export function checkResults(
  check: AnyCheck,
  verdict: Verdict<unknown>,
  { because, ms, print }: { because?: CheckCode | undefined; ms: number; print: (remedy: Remedy) => string },
): CheckResult[] {
  if (verdict.status === 'skip' && verdict.inapplicable) return []
  const additional = verdict.status === 'fail' || verdict.status === 'warn' ? (verdict.more ?? []) : []
  return [
    { ...resultOf(check, verdict, print), ...(because ? { because } : {}), ms },
    ...additional.map((finding) => ({ ...resultOf(check, { ...finding, out: undefined }, print), ms })),
  ]
}

function resultOf(
  check: AnyCheck,
  verdict: Verdict<unknown>,
  print: (remedy: Remedy) => string,
): Omit<CheckResult, 'ms'> {
  const { code, title, subject, link, level = 'error' } = check
  const result: Omit<CheckResult, 'ms'> = {
    code,
    title,
    ...(subject === undefined ? {} : { subject }),
    link,
    level: verdict.status === 'warn' ? 'warning' : level,
    status: verdict.status,
    detail: verdict.detail ?? '',
    doc: docsLink(code),
  }
  if (verdict.status === 'pass') return result
  const undetermined = {
    ...('undetermined' in verdict && verdict.undetermined ? { undetermined: true as const } : {}),
    ...(verdict.service ? { service: verdict.service } : {}),
  }
  if (verdict.status === 'skip')
    return { ...result, ...(verdict.couldNotRun ? { couldNotRun: true } : {}), ...undetermined }
  const { is, should, trace, workload } = verdict
  return {
    ...result,
    remedy: print(verdict.remedy),
    fix: verdict.remedy,
    ...(is === undefined ? {} : { is }),
    ...(should === undefined ? {} : { should }),
    ...(trace === undefined ? {} : { trace }),
    ...(workload === undefined ? {} : { workload }),
    ...(verdict.status === 'fail' && verdict.transient ? { transient: true } : {}),
    ...undetermined,
  }
}

/** Whether the check could not be made because a service failed, and not because another one could not. */
export const isOpen = ({ undetermined, because }: CheckResult): boolean =>
  undetermined === true && because === undefined

/** `unknown`: nothing is proven broken, but a service failed, so that not everything could be checked. */
export type Health = 'healthy' | 'unhealthy' | 'unknown'

/** Posture checks, whose severe findings are failures. */
const auditCode = /^WI8[1-4]/

/** Returns whether something failed. Warnings and other skipped checks are healthy. */
export function healthOf(results: readonly CheckResult[]): Health {
  if (results.some(({ status, undetermined }) => status === 'fail' && !undetermined)) return 'unhealthy'
  const isUnknown = ({ level, undetermined, code }: CheckResult) =>
    undetermined && (level === 'error' || auditCode.test(code))
  return results.some(isUnknown) ? 'unknown' : 'healthy'
}

export const isHealthy = (results: readonly CheckResult[]) => healthOf(results) === 'healthy'

export const exitCodes: Record<Health, number> = { healthy: 0, unhealthy: 1, unknown: 3 }

/** Whether these are the checks of `verify --pre`: what the caller needs before there is a chain. */
export const areCallerChecks = (checks: readonly { link: ChainLink }[]): boolean =>
  checks.every(({ link }) => link === 'caller')
