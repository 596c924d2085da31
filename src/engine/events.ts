import type { Plan } from './plan.ts'
import type { CheckResult } from './verify.ts'

/** What happens during a run, for whoever shows it. */
export type RunEvent =
  | { type: 'inspecting' }
  | { type: 'planned'; plan: Plan }
  | { type: 'started'; id: string; title: string; label: string; usually: string | undefined }
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
  /** `of`: what is looked at; the whole chain, if it is not said. */
  | { type: 'checking'; of?: 'part' | 'caller' }
  /** `out` gives what a check that passed found. A function, so that whoever prints the event prints no token and no secret. */
  | { type: 'checked'; result: CheckResult; out?: () => unknown }

export type EventHandler = (event: RunEvent) => void
