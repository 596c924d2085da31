import { ActionRequiredError } from '../base/action-required.ts'
import type { CheckCode } from '../base/check-code.ts'
import { Interrupted } from '../base/host.ts'
import { redactText } from '../base/redact.ts'
import { quoted } from '../base/shell.ts'
import { ServiceError, type ServiceName } from '../clients/service-error.ts'
import { aksExplanations } from './aks.ts'
import { armExplanations } from './arm.ts'
import { entraFederationExplanations } from './entra-federation.ts'
import { entraSignInExplanations } from './entra-sign-in.ts'
import { type Explanation, extractValues, fillTemplate, type Values } from './explanation.ts'
import { graphExplanations } from './graph.ts'
import { helmExplanations } from './helm.ts'
import { identityExplanations } from './identities-and-roles.ts'
import { kubernetesExplanations } from './kubernetes.ts'
import { networkExplanations } from './network.ts'
import { storageExplanations } from './storage.ts'
import { uncodedMessageExplanations } from './uncoded-messages.ts'
import { vaultExplanations } from './vault.ts'

/** A failure in the person's words: what happened, and the command or deed that mends it; the original stands below. */
export interface Explained {
  code: string
  what: string
  /** Likely causes, the likeliest first; empty if nothing is known. */
  why: string[]
  remedy: string
  /** The service's own words, without tokens. */
  original: string | undefined
  /** Request or trace id. */
  trace: string | undefined
  /** Our check for it. */
  check?: CheckCode | undefined
  /** What the message tells, by name: the issuer, the subject, … that was presented. */
  presented?: Values
}

/** All foreign codes that we know. Of several that fit, the first counts, one that looks at the message before the others. */
export const explanations: readonly Explanation[] = [
  ...uncodedMessageExplanations,
  ...entraFederationExplanations,
  ...entraSignInExplanations,
  ...graphExplanations,
  ...aksExplanations,
  ...identityExplanations,
  ...vaultExplanations,
  ...storageExplanations,
  ...armExplanations,
  ...kubernetesExplanations,
  ...helmExplanations,
  ...networkExplanations,
]

export interface ServiceFailure {
  code: string | undefined
  innerCode: string | undefined
  message: string
  /** Undefined where a text does not tell. */
  service: ServiceName | undefined
  status: number | undefined
  trace: string | undefined
}

/** By code, then by inner code, then by the message alone. */
export function findExplanation({
  code,
  innerCode,
  message,
  service,
}: ServiceFailure): { entry: Explanation; code: string } | undefined {
  const here = explanations.filter((each) => !each.services || !service || each.services.includes(service))
  for (const name of [code, innerCode]) {
    if (!name) continue
    const same = here.filter(({ codes }) => codes.includes(name))
    const entry = same.find((each) => each.message?.test(message)) ?? same.find((each) => !each.message)
    if (entry) return { entry, code: name }
  }
  const entry = here.find(
    (each) => each.message?.test(message) && (!each.context || each.context.test(message)),
  )
  return entry && { entry, code: innerCode ?? code ?? entry.codes[0]! }
}

export const noDetails = { innerCode: undefined, service: undefined, status: undefined }

export function explainFailure(foreign: ServiceFailure, found = findExplanation(foreign)): Explained {
  const { message, trace } = foreign
  const original = redactText(message.trim())
  if (!found)
    return {
      code: foreign.code ?? 'Unexpected',
      what: original || 'The service gave no reason',
      why: [],
      remedy: generalMend(foreign),
      original: undefined,
      trace,
    }
  const values = extractValues(found.entry, original)
  const { what, why, remedy } = found.entry
  return {
    code: found.code,
    what: fillTemplate(what, values),
    why: [...why],
    remedy: typeof remedy === 'string' ? fillTemplate(remedy, values, quoted) : remedy(values),
    original,
    trace,
    check: found.entry.check,
    presented: values,
  }
}

const debug = 'Run the same command again with --debug to see every request'

function generalMend({ code, service, status }: ServiceFailure): string {
  const number = /^AADSTS(\d+)$/.exec(code ?? '')?.[1]
  if (number) return `Look it up at https://login.microsoftonline.com/error?code=${number}`
  if (status === 401) return 'az login'
  if (status === 403) return 'Ask an owner of the resource for the right that is missing'
  if (status === 429 || (status !== undefined && status >= 500))
    return 'Wait a minute, then run the same command again'
  if (service === 'network')
    return 'Check the network and the proxy settings (HTTPS_PROXY, NO_PROXY), then run the same command again'
  return debug
}

/** Translates any thrown thing. Never throws. */
export function explain(error: unknown): Explained {
  if (error instanceof Interrupted)
    return {
      code: 'Interrupted',
      what: 'Interrupted before it was done',
      why: [],
      remedy: 'Run the same command again: it goes on from here',
      original: undefined,
      trace: undefined,
    }
  if (error instanceof ActionRequiredError)
    return {
      code: 'Refused',
      what: error.message,
      why: [],
      remedy: error.remedy,
      original: undefined,
      trace: undefined,
    }
  if (error instanceof ServiceError) {
    const { code, innerCode, message, service, status, requestId: trace } = error
    return explainFailure({ code, innerCode, message, service, status, trace })
  }
  const { message, code, cause } = (typeof error === 'object' && error !== null ? error : {}) as {
    message?: unknown
    code?: unknown
    cause?: unknown
  }
  if (cause instanceof ServiceError) return explain(cause)
  const text = typeof message === 'string' && message ? message : String(error)
  return explainFailure({
    code: typeof code === 'string' ? code : /AADSTS\d+/.exec(text)?.[0],
    ...noDetails,
    message: text,
    trace: traceIdIn(text),
  })
}

export const traceIdIn = (text: string) =>
  /(?:Trace ID|trace_id|x-ms-request-id|request-id|requestId|Audit-Id)["']?\s*[:=]\s*["']?([\w-]{8,})/i.exec(
    text,
  )?.[1]
