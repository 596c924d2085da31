import { nodeVersion } from '../base/host.ts'
import { version } from '../base/version.ts'
import type { TraceEvent } from '../clients/http.ts'
import type { EventHandler } from '../engine/events.ts'
import type { CheckResult } from '../engine/verify.ts'
import type { Settings } from '../settings/settings.ts'
import type { Invocation } from './invocation.ts'

/** What `--report` hears of during a run, and writes at its end. */
export interface Reporting {
  traced(event: TraceEvent): void
  seen: EventHandler
  /** In this cloud. */
  at(cloud: string): void
  write(of: {
    ok: boolean
    settings?: Partial<Settings>
    checks?: readonly CheckResult[]
    error?: Error
  }): void
  close(): void
}

/** Throws `UsageError` where the file could not be written. */
export async function beginReport(path: string, { world }: Invocation): Promise<Reporting> {
  const [{ reportFile }, { collectEvidence }] = await Promise.all([
    import('./report-file.ts'),
    import('../ui/report/evidence.ts'),
  ])
  const file = reportFile(path, world)
  let cloud = 'not reached'
  const evidence = collectEvidence(
    [
      ['wi-setup', version()],
      ['Node.js', nodeVersion],
    ],
    () => cloud,
  )
  return {
    traced: evidence.traced,
    seen: evidence.seen,
    at(name) {
      cloud = name
    },
    write: (of) => file.write(evidence.make({ ...of, at: new Date() })),
    close: file.close,
  }
}
