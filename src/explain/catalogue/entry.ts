import type { CheckCode } from '../../base/check-code.ts'
import type { CommandTemplate, RemedyTemplate, ShellText } from '../command-template.ts'

export type ManualCheck = CommandTemplate | ShellText

/** Documents one failure with a WI code, whether or not `verify` can detect it. */
export interface CatalogueEntry {
  code: CheckCode
  /** What is wrong, in one sentence. */
  what: string
  /** Messages that users find in practice, from Entra, Azure, Kubernetes, Helm or the application. */
  errorMessages: readonly string[]
  /** Likely causes, most likely first. */
  why: readonly string[]
  /** A command to paste, or an instruction; `…` marks what only the user knows. */
  remedy: string | RemedyTemplate
  /** Commands that check by hand. */
  manualChecks: readonly ManualCheck[]
}
