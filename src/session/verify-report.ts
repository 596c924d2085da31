import { hostTarget } from '../base/command-text.ts'
import { type Host, nodeVersion } from '../base/host.ts'
import { version } from '../base/package-file.ts'
import type { TraceEvent } from '../clients/http-attempt.ts'
import type { CheckResult, Health } from '../engine/check-result.ts'
import type { EventHandler } from '../engine/events.ts'
import type { Settings } from '../settings/settings.ts'

/** Collects the evidence for `verify --report` during a run, and writes it at the end. */
export interface VerifyReport {
  onRequest(event: TraceEvent): void
  onEvent: EventHandler
  setCloud(name: string): void
  write(result: {
    health: Health
    settings?: Partial<Settings>
    checks?: readonly CheckResult[]
    error?: Error
  }): void
}

/** Throws a `UsageError` if the file can't be written. */
export async function beginVerifyReport(
  path: string,
  host: Pick<Host, 'cwd' | 'program' | 'shell'>,
): Promise<VerifyReport> {
  const [{ openReportFile }, { collectEvidence }] = await Promise.all([
    import('./report-file.ts'),
    import('../ui/report/evidence.ts'),
  ])
  const writeReport = openReportFile(path, host)
  let cloud = 'not reached'
  const evidence = collectEvidence(
    [
      ['wi-setup', version()],
      ['Node.js', nodeVersion],
    ],
    () => cloud,
  )
  return {
    onRequest: evidence.onRequest,
    onEvent: evidence.onEvent,
    setCloud(name) {
      cloud = name
    },
    write: (result) => writeReport(evidence.finish({ ...result, at: new Date(), target: hostTarget(host) })),
  }
}
