import type { CheckCode } from '../../base/check-code.ts'

/** What a person should know of a failure of the catalogue, whether `verify` can see it or not. */
export interface CatalogueEntry {
  code: CheckCode
  /** What is wrong, in one sentence. */
  what: string
  /** What one meets in practice: the words of Entra, Azure, Kubernetes, Helm or of the program in the pod. */
  errorMessages: readonly string[]
  /** Likely causes, the likeliest first. */
  why: readonly string[]
  /** A command to paste, or a deed in words; `…` stands for what only the person knows. */
  remedy: string
  /** How to look by hand. */
  manualChecks: readonly string[]
}
