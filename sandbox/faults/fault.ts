import type { Target } from '../addresses.ts'
import { type Duration, durations } from '../durations.ts'

/** What can happen to a request, in words for programs. */
export const faultNames = [
  // The connection.
  'refuse',
  'cut-before',
  'cut-after',
  'delay',
  // The answer.
  'truncated',
  'not-json',
  // A refusal, in the shape of the service.
  '408',
  '429',
  '500',
  '502',
  '503',
  '504',
  'busy',
  'concurrent-write',
  'expired-token',
  // The long-running operation that the request begins.
  'operation-fails',
  'operation-canceled',
  'operation-gone',
] as const

export type FaultName = (typeof faultNames)[number]

export const roles = ['arm', 'login', 'graph', 'vault', 'issuer', 'kube'] as const

/** Which requests, and what happens to them. What is left out holds for all. */
export interface FaultRule {
  fault: FaultName
  role?: Exclude<Target['role'], 'control'>
  method?: string
  /** `*` stands for any text; case does not count. */
  path?: string
  /** The first request that it happens to, counted among those that match, from 1. */
  nth?: number
  /** To how many in a row; 1 if left out. */
  times?: number
  /** `Retry-After` of a refusal, in seconds; none if left out. */
  retryAfter?: number
  /** How long a delay or a refusal of connections takes, in ms; 1000 and 100 if left out. */
  ms?: number
}

/** Replication lags that can be set, in ms, whatever the pace is. */
export type Lags = Partial<Record<Duration, number>>

/** What a program asks for. */
export interface FaultOrder {
  rules: FaultRule[]
  lags?: Lags
  /** How far the cloud's clock is ahead, in ms. */
  skew?: number
}

const number = (value: unknown, least: number) =>
  value === undefined || (typeof value === 'number' && value >= least && value <= 2 ** 31)
const text = (value: unknown) => value === undefined || typeof value === 'string'
const among = (names: readonly string[], value: unknown) =>
  value === undefined || names.includes(value as string)

const shapes: Record<keyof FaultRule, [holds: (value: unknown) => boolean, wanted: string]> = {
  fault: [
    (value) => value !== undefined && among(faultNames, value),
    `must be one of ${faultNames.join(', ')}`,
  ],
  role: [(value) => among(roles, value), `must be one of ${roles.join(', ')}`],
  method: [text, 'must be a text'],
  path: [text, 'must be a text, in which * stands for any other'],
  nth: [(value) => number(value, 1), 'must be a number from 1'],
  times: [(value) => number(value, 1), 'must be a number from 1'],
  retryAfter: [(value) => number(value, 0), 'must be a number of seconds'],
  ms: [(value) => number(value, 0), 'must be a number of milliseconds'],
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function wrongRule(rule: unknown): string[] {
  if (!isObject(rule)) return ['a rule must be an object']
  return [
    ...Object.keys(rule)
      .filter((key) => !Object.hasOwn(shapes, key))
      .map((key) => `a rule has no ${key}`),
    ...Object.entries(shapes)
      .filter(([key, [holds]]) => !holds(rule[key]))
      .map(([key, [, wanted]]) => `${key} ${wanted}`),
  ]
}

/** Reads what a program sent: `{rules, lags, skew}`. Gives all that is wrong with it instead. */
export function readOrder(sent: unknown): FaultOrder | string[] {
  if (!isObject(sent)) return ['the body must be an object with rules, lags or skew']
  const { rules = [], lags = {}, skew, ...more } = sent
  const wrong = Object.keys(more).map((key) => `there is no ${key}: there are rules, lags and skew`)
  if (!Array.isArray(rules)) wrong.push('rules must be a list')
  else wrong.push(...rules.flatMap(wrongRule))
  if (!isObject(lags)) wrong.push('lags must be an object')
  else
    for (const [name, ms] of Object.entries(lags)) {
      if (!Object.hasOwn(durations, name))
        wrong.push(`there is no lag ${name}: ${Object.keys(durations).join(', ')}`)
      else if (ms === undefined || !number(ms, 0)) wrong.push(`${name} must be a number of milliseconds`)
    }
  if (!number(skew === undefined ? undefined : Math.abs(skew as number), 0))
    wrong.push('skew must be a number of milliseconds')
  if (wrong.length) return wrong
  return {
    rules: rules as FaultRule[],
    lags: lags as Lags,
    ...(skew === undefined ? {} : { skew: skew as number }),
  }
}
