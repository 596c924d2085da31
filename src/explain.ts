import { Refusal } from './refusal.ts'
import { ServiceError } from './clients/service-error.ts'

/** A failure in the person's words: what happened, and the command or deed that mends it; the original stands below. */
export interface Explained {
  code: string
  what: string
  mend: string
  /** The service's own words, without tokens. */
  original: string | undefined
  /** Request or trace id. */
  trace: string | undefined
}

/** Translates any thrown thing. Never throws. */
export function explain(error: unknown): Explained {
  if (error instanceof Refusal) return { code: 'Refused', what: error.message, mend: error.mend, original: undefined, trace: undefined }
  if (error instanceof ServiceError)
    return { code: error.code, what: error.message, mend: '', original: error.message, trace: error.requestId }
  return { code: 'Unexpected', what: (error as Error).message ?? String(error), mend: '', original: undefined, trace: undefined }
}
