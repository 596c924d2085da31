import { ServiceError, type ServiceName } from './clients/service-error.ts'
import { aks } from './explain/aks.ts'
import { arm } from './explain/arm.ts'
import { entraFederation } from './explain/entra-federation.ts'
import { entraSignIn } from './explain/entra-sign-in.ts'
import { drawn, type Explanation, fill, quoted } from './explain/explanation.ts'
import { graph } from './explain/graph.ts'
import { helm } from './explain/helm.ts'
import { identitiesAndRoles } from './explain/identities-and-roles.ts'
import { kubernetes } from './explain/kubernetes.ts'
import { network } from './explain/network.ts'
import { vault } from './explain/vault.ts'
import { Refusal } from './refusal.ts'
import { Interrupted } from './world.ts'

/** A failure in the person's words: what happened, and the command or deed that mends it; the original stands below. */
export interface Explained {
  code: string
  what: string
  /** Likely causes, the likeliest first; empty if nothing is known. */
  why: string[]
  mend: string
  /** The service's own words, without tokens. */
  original: string | undefined
  /** Request or trace id. */
  trace: string | undefined
}

/** All foreign codes that we know. Of several that fit, the first counts, one that looks at the message before the others. */
export const explanations: readonly Explanation[] = [
  ...entraFederation,
  ...entraSignIn,
  ...graph,
  ...aks,
  ...identitiesAndRoles,
  ...vault,
  ...arm,
  ...kubernetes,
  ...helm,
  ...network,
]

interface Foreign {
  code: string | undefined
  innerCode: string | undefined
  message: string
  /** Undefined where a text does not tell. */
  service: ServiceName | undefined
  status: number | undefined
  trace: string | undefined
}

const redacted = (text: string) => text.replace(/\beyJ[\w-]{8,}\.[\w-]+(\.[\w-]*)?/g, '(token)')

/** By code, then by inner code, then by the message alone. */
function find({
  code,
  innerCode,
  message,
  service,
}: Foreign): { entry: Explanation; code: string } | undefined {
  const here = explanations.filter((each) => !each.of || !service || each.of.includes(service))
  for (const name of [code, innerCode]) {
    if (!name) continue
    const same = here.filter(({ codes }) => codes.includes(name))
    const entry = same.find((each) => each.message?.test(message)) ?? same.find((each) => !each.message)
    if (entry) return { entry, code: name }
  }
  const entry = here.find((each) => each.message?.test(message))
  return entry && { entry, code: innerCode ?? code ?? entry.codes[0]! }
}

const nothing = { innerCode: undefined, service: undefined, status: undefined }

function explainForeign(foreign: Foreign, found = find(foreign)): Explained {
  const { message, trace } = foreign
  const original = redacted(message.trim())
  if (!found)
    return {
      code: foreign.code ?? 'Unexpected',
      what: original || 'The service gave no reason',
      why: [],
      mend: generalMend(foreign),
      original: undefined,
      trace,
    }
  const values = drawn(found.entry, original)
  const { what, why, mend } = found.entry
  return {
    code: found.code,
    what: fill(what, values),
    why: [...why],
    mend: typeof mend === 'string' ? fill(mend, values, quoted) : mend(values),
    original,
    trace,
  }
}

const debug = 'Run the same command again with --debug to see every request'

function generalMend({ code, service, status }: Foreign): string {
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
      mend: 'Run the same command again: it goes on from here',
      original: undefined,
      trace: undefined,
    }
  if (error instanceof Refusal)
    return {
      code: 'Refused',
      what: error.message,
      why: [],
      mend: error.mend,
      original: undefined,
      trace: undefined,
    }
  if (error instanceof ServiceError) {
    const { code, innerCode, message, service, status, requestId: trace } = error
    return explainForeign({ code, innerCode, message, service, status, trace })
  }
  const { message, code, cause } = (typeof error === 'object' && error !== null ? error : {}) as {
    message?: unknown
    code?: unknown
    cause?: unknown
  }
  if (cause instanceof ServiceError) return explain(cause)
  const text = typeof message === 'string' && message ? message : String(error)
  return explainForeign({
    code: typeof code === 'string' ? code : /AADSTS\d+/.exec(text)?.[0],
    ...nothing,
    message: text,
    trace: traceIn(text),
  })
}

const traceIn = (text: string) =>
  /(?:Trace ID|trace_id|x-ms-request-id|request-id|requestId|Audit-Id)["']?\s*[:=]\s*["']?([\w-]{8,})/i.exec(
    text,
  )?.[1]

/** Codes that stand in many a text without being what we mean; only their messages count there. */
const plain = new Set([
  'BadRequest',
  'NotFound',
  'AlreadyExists',
  'TooManyRequests',
  'InternalError',
  'InternalServerError',
  'ServiceUnavailable',
  'BadGateway',
  'GatewayTimeout',
  'ServerTimeout',
  'MethodNotAllowed',
  'HttpStatus',
  'InvalidParameter',
  'AuthenticationFailed',
])
const telling = (code: string) =>
  !plain.has(code) && (/[a-z][A-Z]|_/.test(code) || /^(AADSTS\d+|E[A-Z]{4,})$/.test(code))

/** Every failure in a log that we know, in the order of the text, each once. Never throws. */
export function explainText(text: string): Explained[] {
  const hits: { at: number; code: string; by?: Explanation }[] = []
  for (const code of new Set(explanations.flatMap(({ codes }) => codes).filter(telling)))
    for (const { index } of text.matchAll(new RegExp(`(?<![\\w])${code}(?!\\w)`, 'g')))
      hits.push({ at: index, code })
  for (const { index, 0: code } of text.matchAll(/AADSTS\d+/g))
    if (!hits.some((hit) => hit.at === index)) hits.push({ at: index, code })
  for (const { index, 1: number } of text.matchAll(/(?:Error\(s\): |"error_codes":\s*\[)(\d+)/g))
    if (!text.includes(`AADSTS${number}`)) hits.push({ at: index, code: `AADSTS${number}` })
  for (const by of explanations) {
    const index = by.message ? text.search(by.message) : -1
    if (index >= 0 && !hits.some((hit) => hit.by && hit.at === index))
      hits.push({ at: index, code: by.codes[0]!, by })
  }
  hits.sort((a, b) => a.at - b.at)

  const all: Explained[] = []
  const seen = new Set<Explanation | string>()
  for (const [index, hit] of hits.entries()) {
    const after = text.slice(hit.at, hits.slice(index + 1).find(({ code }) => code !== hit.code)?.at)
    const before = text.slice(hits.slice(0, index).findLast(({ code }) => code !== hit.code)?.at ?? 0, hit.at)
    const foreign: Foreign = {
      ...nothing,
      code: hit.code,
      // A message stands behind its code, or in JSON often before its inner code.
      message: `${after}\n${before}`,
      trace: traceIn(after) ?? traceIn(before),
    }
    const found = hit.by ? { entry: hit.by, code: hit.code } : find(foreign)
    const again = seen.has(found?.entry ?? hit.code) || (seen.has(hit.code) && !found?.entry.message)
    if (again || (!found && !hit.code.startsWith('AADSTS'))) continue
    seen.add(found?.entry ?? hit.code).add(hit.code)
    const line = redacted(lineAt(text, hit.at))
    const explained = explainForeign(foreign, found)
    all.push(found ? { ...explained, original: line } : { ...explained, what: line })
  }
  return all
}

const lineAt = (text: string, at: number) =>
  text.slice(text.lastIndexOf('\n', at) + 1, (text.indexOf('\n', at) + 1 || text.length + 1) - 1).trim()
