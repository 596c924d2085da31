import type { CheckResult } from './check-result.ts'

/** What happens during a run, for the progress views. */
export type RunEvent =
  /** Planning begins: `steps` resources are inspected. */
  | { type: 'inspecting'; steps: number }
  /** One of them has been inspected. */
  | { type: 'inspected'; id: string }
  | { type: 'started'; id: string; title: string; label: string; usually: string | undefined }
  /** What step `id` waits for or has found, while planning or applying. */
  | { type: 'note'; id: string; text: string }
  | {
      type: 'done'
      id: string
      title: string
      label: string
      action: 'create' | 'change' | 'keep' | 'remove'
      ms: number
    }
  | { type: 'failed'; id: string; title: string; label: string; error: Error; ms: number }
  /** The start of the run (`session`) or a check waits for a service that failed. */
  | { type: 'waiting'; id: string; text: string }
  | { type: 'waited'; id: string }
  /** `scope`: which checks run; the chain if left out. */
  | { type: 'checking'; scope?: 'selected' | 'caller' }
  /** `out` returns the check's output. It is a function so that printing an event prints no token and no secret. */
  | { type: 'checked'; result: CheckResult; out?: () => unknown }

export type EventHandler = (event: RunEvent) => void
