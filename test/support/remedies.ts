import type { ActionRequiredError } from '../../src/base/action-required.ts'
import type { Remedy } from '../../src/base/command.ts'
import { noTarget, remedyText } from '../../src/base/command-text.ts'
import { explain } from '../../src/explain/index.ts'

/** Returns a remedy as text for no cluster and no subscription in particular. */
export const textOf = (remedy: Remedy): string => remedyText(remedy, noTarget)

/** Explains an error, with the remedy as text. */
export function explained(error: unknown) {
  const result = explain(error)
  return { ...result, remedy: textOf(result.remedy) }
}

/** Returns what `assert.rejects` takes to check the text of an error and of its remedy. */
export const refusal = (message: RegExp, remedy: RegExp) => (error: ActionRequiredError) =>
  message.test(error.message) && remedy.test(textOf(error.remedy))
