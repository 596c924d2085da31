import { ActionRequiredError } from '../base/action-required.ts'
import { az, type Remedy } from '../base/command.ts'
import { Interrupted } from '../base/host.ts'
import { limitText } from '../base/limit-text.ts'
import { ServiceError } from '../clients/service-error.ts'
import type { ValueSource } from './command-template.ts'
import type { Explained } from './explained.ts'
import { extractValues, renderRemedy, renderSummary } from './explanation.ts'
import { withFailingService } from './failing-service.ts'
import { findExplanation, type Match, type ServiceFailure } from './find-explanation.ts'

export type { Explained }

/** Explains a failure that a service reported, by its match in the tables or else by its HTTP status. */
export function explainFailure(
  failure: ServiceFailure,
  match: Match | undefined = findExplanation(failure),
  source: ValueSource = 'text',
): Explained {
  const { message, trace } = failure
  const original = limitText(message.trim())
  if (!match)
    return {
      ...withoutCauses(
        failure.code ?? 'Unexpected',
        original || 'The service reported no reason',
        generalRemedy(failure),
      ),
      trace,
    }
  const { explanation, code } = match
  const values = extractValues(explanation, original)
  return {
    code,
    what: renderSummary(explanation, values),
    why: [...explanation.why],
    remedy: renderRemedy(explanation, values, source),
    original,
    trace,
    check: explanation.check,
    presented: values,
  }
}

function generalRemedy({ code, service, status }: ServiceFailure): Remedy {
  const number = /^AADSTS(\d+)$/.exec(code ?? '')?.[1]
  if (number) return `Look up the code at https://login.microsoftonline.com/error?code=${number}`
  if (status === 401) return az('login')
  if (status === 403) return 'Ask an owner of the resource to grant you the missing permission'
  if (status === 507)
    return 'Free up space on the service, or raise its quota, then run the same command again'
  // 501 and 505 mean that the service does not have the operation or the version.
  if (status === 429 || (status !== undefined && status >= 500 && status !== 501 && status !== 505))
    return 'Wait a minute, then run the same command again'
  if (service === 'network')
    return 'Check the network and the proxy settings (HTTPS_PROXY, NO_PROXY), then run the same command again'
  return 'Run the same command again with --debug to see every request'
}

const withoutCauses = (code: string, what: string, remedy: Remedy): Explained => ({
  code,
  what,
  why: [],
  remedy,
  original: undefined,
  trace: undefined,
})

/** Explains anything that was thrown. Never throws. */
export function explain(error: unknown): Explained {
  if (error instanceof Interrupted)
    return withoutCauses(
      'Interrupted',
      'Interrupted before it finished',
      'Run the same command again to continue',
    )
  if (error instanceof ActionRequiredError) {
    const service = error.cause instanceof ServiceError ? explain(error.cause).service : undefined
    return { ...withoutCauses('Refused', error.message, error.remedy), ...(service && { service }) }
  }
  if (error instanceof ServiceError) {
    const { code, innerCode, message, service, status, requestId: trace } = error
    const failure = { code, innerCode, message, service, status, trace }
    return withFailingService(explainFailure(failure, findExplanation(failure), 'service'), error)
  }
  const { message, code, cause } = (typeof error === 'object' && error !== null ? error : {}) as {
    message?: unknown
    code?: unknown
    cause?: unknown
  }
  if (cause instanceof ServiceError) return explain(cause)
  const text = limitText(typeof message === 'string' && message ? message : String(error))
  return explainFailure({
    code: typeof code === 'string' ? code : /AADSTS\d+/.exec(text)?.[0],
    message: text,
    trace: traceIdIn(text),
  })
}

/** Returns the first trace or request ID in the text. */
export const traceIdIn = (text: string): string | undefined =>
  /(?:Trace ID|trace_id|x-ms-request-id|request-id|requestId|Audit-Id)["']?\s{0,8}[:=]\s{0,8}["']?([\w-]{8,100})/i.exec(
    text,
  )?.[1]
