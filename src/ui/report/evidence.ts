import { type CommandTarget, noTarget, remedyText } from '../../base/command-text.ts'
import { stripControlCharacters } from '../../base/control-characters.ts'
import { redactText } from '../../base/redact.ts'
import type { TraceEvent } from '../../clients/http-attempt.ts'
import type { CheckResult, Health } from '../../engine/check-result.ts'
import type { RunEvent } from '../../engine/events.ts'
import { failingServiceText } from '../../explain/failing-service.ts'
import { type Explained, explain } from '../../explain/index.ts'
import type { Settings } from '../../settings/settings.ts'
import { pluralize } from '../text.ts'
import { isProven, proofSentence } from '../verify-text.ts'
import { findingsOf } from './check-state.ts'

/** The details of a `verify` run for a support ticket. Contains no secrets and no tokens. */
export interface Evidence {
  schemaVersion: 1
  /** ISO 8601, UTC. */
  at: string
  ok: boolean
  health: Health
  summary: string
  versions: Row[]
  names: Row[]
  /** The claims of the cluster's token. */
  presented: Row[]
  trusted: { name: string; issuer: string; subject: string; audience: string }[]
  checks: CheckResult[]
  error: (Pick<Explained, 'code' | 'what' | 'why' | 'service' | 'trace'> & { remedy: string }) | undefined
  requests: (Omit<TraceEvent, 'ms'> & { ms: number })[]
}

type Row = [label: string, value: string]

// biome-ignore lint/suspicious/noExplicitAny: outputs of different checks, read field by field
type Out = any

/** Report rows from the outputs of checks. Outputs contain tokens, so only listed fields are taken. */
const rowsByCheck: Record<string, (out: Out) => Partial<Record<'versions' | 'names' | 'presented', Row[]>>> =
  {
    WI701: (out) => ({ versions: out.version ? [['Kubernetes', out.version]] : [] }),
    WI107: (out) => ({ names: [['issuer', out.issuer]] }),
    WI205: (out) => ({
      names: [
        ['client ID (annotation)', out.clientId],
        ['tenant (annotation)', out.tenantId],
      ],
    }),
    WI110: (out) => ({
      names: [
        ['identity', `${out.kind === 'app' ? 'app registration' : 'managed identity'} ${out.ref}`],
        ['client ID', out.clientId],
      ],
    }),
    WI113: (out) => ({ names: [['object ID (service principal)', out.principalId]] }),
    WI112: (out) => ({
      presented: [
        ['issuer', out.issuer],
        ['subject', out.subject],
        ['audience', out.audiences.join(', ')],
        ['key ID', out.kid],
      ],
    }),
    WI301: (out) => ({ versions: [['webhook', `${out.version ?? 'unknown version'} (${out.installer})`]] }),
    WI506: (out) => ({
      names: [
        ['vault', out.uri],
        ['vault permission model', out.access === 'rbac' ? 'Azure RBAC' : 'access policies'],
        ['vault resource', out.id],
        ['vault tenant', out.tenantId],
      ],
    }),
  }

const reportedSettings: [keyof Settings, string][] = [
  ['subscription', 'subscription'],
  ['tenant', 'tenant'],
  ['resourceGroup', 'resource group'],
  ['cluster', 'cluster'],
  ['context', 'context'],
  ['namespace', 'namespace'],
  ['serviceAccount', 'service account'],
  ['secret', 'secret name'],
]

const safe = (value: unknown) => stripControlCharacters(redactText(String(value)))

/** Collects events during a run and returns the evidence at its end. */
export function collectEvidence(programs: Row[], cloud: () => string) {
  const requests: TraceEvent[] = []
  const outs = new Map<string, Out>()
  return {
    onRequest: (event: TraceEvent) => requests.push(event),
    onEvent(event: RunEvent) {
      if (event.type !== 'checked' || event.result.status === 'fail' || event.result.status === 'skip') return
      const { code } = event.result
      const out = event.out?.()
      if (out !== undefined) outs.set(code, out)
    },
    finish(of: {
      health: Health
      settings?: Partial<Settings> | undefined
      checks?: readonly CheckResult[]
      error?: Error
      at: Date
      target?: CommandTarget
    }): Evidence {
      const { health, settings = {}, checks = [], error, at, target = noTarget } = of
      const parts = [...outs].map(([code, out]) => rowsByCheck[code]?.(out) ?? {})
      const rows = (name: 'versions' | 'names' | 'presented') => parts.flatMap((each) => each[name] ?? [])
      const explained = error && explain(error)
      const evidence: Evidence = {
        schemaVersion: 1,
        at: at.toISOString(),
        ok: health === 'healthy',
        health,
        summary: summaryOf(health, settings, checks, explained),
        versions: [...programs, ...rows('versions')],
        names: [
          ['cloud', cloud()] as Row,
          ...reportedSettings.flatMap(([name, label]): Row[] =>
            settings[name] === undefined ? [] : [[label, String(settings[name])]],
          ),
          ...rows('names'),
        ],
        presented: rows('presented'),
        trusted: (outs.get('WI102') ?? outs.get('WI103')?.all ?? []).map((each: Out) => ({
          name: each.name,
          issuer: each.issuer,
          subject: each.expression ?? each.subject,
          audience: each.audience,
        })),
        checks: checks.map(({ fix: _, ...check }) => check),
        error: explained && {
          code: explained.code,
          what: explained.what,
          why: explained.why,
          remedy: remedyText(explained.remedy, target),
          service: explained.service,
          trace: explained.trace,
        },
        requests,
      }
      return withoutSecrets(evidence)
    },
  }
}

function summaryOf(
  health: Health,
  settings: Partial<Settings>,
  checks: readonly CheckResult[],
  error: Explained | undefined,
): string {
  if (error) return error.what
  const [worst] = findingsOf(checks)
  if (health === 'unknown') return `Could not tell whether it works: ${openText(checks)}.`
  if (health === 'unhealthy' && worst) return worst.detail.split('\n')[0] || worst.title
  return isProven(checks)
    ? proofSentence(settings, 'reads', checks)
    : `${pluralize(checks.filter(({ status }) => status !== 'skip').length, 'check')} passed.`
}

/** Returns which services failed. */
const openText = (checks: readonly CheckResult[]): string => {
  const services = checks.flatMap(({ undetermined, service }) =>
    undetermined && service ? [failingServiceText(service)] : [],
  )
  return [...new Set(services)].join('; ') || 'a service failed'
}

/** Removes tokens, secrets and control characters from every text in it. */
function withoutSecrets<T>(value: T): T {
  if (typeof value === 'string') return safe(value) as T
  if (Array.isArray(value)) return value.filter((each) => !isEmptyRow(each)).map(withoutSecrets) as T
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withoutSecrets(each)])) as T
  return value
}

const isEmptyRow = (value: unknown) => Array.isArray(value) && value.length === 2 && value[1] === undefined
