import { type Duration, durations } from '../durations.ts'
import { type FailureKind, failureKinds } from './failure-kinds.ts'

/** What a fault rule can do to a request. */
export const faultNames = [
  // Breaks the connection.
  'refuse',
  'cut-before',
  'cut-after',
  'delay',
  // Garbles the reply.
  'truncated',
  'not-json',
  // Fails the request in the service's own words.
  ...failureKinds,
  'expired-token',
  // Changes how the long-running operation ends that the request starts.
  'operation-fails',
  'operation-canceled',
  'operation-gone',
] as const

export type FaultName = (typeof faultNames)[number]

export const isFailureKind = (name: FaultName): name is FailureKind =>
  (failureKinds as readonly string[]).includes(name)

/** Which requests a fault applies to. An omitted member matches every request. */
export interface FaultRule {
  fault: FaultName
  /** The service's name. */
  role?: string
  method?: string
  /** `*` matches any text; case is ignored. */
  path?: string
  /** The first matching request that the fault applies to, from 1. */
  nth?: number
  /** For how many matching requests in a row (default: 1). */
  times?: number
  /** `Retry-After` of a failure, in seconds (default: none). */
  retryAfter?: number
  /** Length of a delay (default: 1000) or of an interval in which connections are refused (default: 100), in ms. */
  ms?: number
}

/** Overridden durations in ms, regardless of the pace. */
export type Lags = Partial<Record<Duration, number>>

/** The body of `POST /faults`. */
export interface FaultSettings {
  rules: FaultRule[]
  lags?: Lags
  /** How far the simulator's clock is ahead, in ms. */
  skew?: number
}

const isNumber = (value: unknown, minimum: number) =>
  typeof value === 'number' && value >= minimum && value <= 2 ** 31
const isString = (value: unknown) => typeof value === 'string'

type Expectation = [accepts: (value: unknown) => boolean, expected: string]

const expectations = (roles: readonly string[]): Record<keyof FaultRule, Expectation> => ({
  fault: [(value) => faultNames.includes(value as FaultName), `must be one of ${faultNames.join(', ')}`],
  role: [(value) => roles.includes(value as string), `must be one of ${roles.join(', ')}`],
  method: [isString, 'must be a string'],
  path: [isString, 'must be a string, in which * matches any text'],
  nth: [(value) => isNumber(value, 1), 'must be a number, at least 1'],
  times: [(value) => isNumber(value, 1), 'must be a number, at least 1'],
  retryAfter: [(value) => isNumber(value, 0), 'must be a number of seconds'],
  ms: [(value) => isNumber(value, 0), 'must be a number of milliseconds'],
})

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function ruleErrors(rule: unknown, roles: readonly string[]): string[] {
  if (!isObject(rule)) return ['a rule must be an object']
  const expected = expectations(roles)
  return [
    ...Object.keys(rule)
      .filter((key) => !Object.hasOwn(expected, key))
      .map((key) => `unknown rule member "${key}"`),
    ...Object.entries(expected)
      .filter(([key, [accepts]]) => (key === 'fault' || rule[key] !== undefined) && !accepts(rule[key]))
      .map(([key, [, text]]) => `${key} ${text}`),
  ]
}

function lagErrors(lags: unknown): string[] {
  if (!isObject(lags)) return ['lags must be an object']
  return Object.entries(lags).flatMap(([name, ms]) => {
    if (!Object.hasOwn(durations, name))
      return [`unknown lag "${name}"; use one of ${Object.keys(durations).join(', ')}`]
    return isNumber(ms, 0) ? [] : [`${name} must be a number of milliseconds`]
  })
}

/** Reads the body of `POST /faults`. Returns everything that is wrong with it instead. */
export function parseFaultSettings(body: unknown, roles: readonly string[]): FaultSettings | string[] {
  if (!isObject(body)) return ['the body must be an object with rules, lags or skew']
  const { rules = [], lags = {}, skew, ...unknown } = body
  const errors = [
    ...Object.keys(unknown).map((key) => `unknown member "${key}"; use rules, lags and skew`),
    ...(Array.isArray(rules) ? rules.flatMap((rule) => ruleErrors(rule, roles)) : ['rules must be a list']),
    ...lagErrors(lags),
    ...(skew === undefined || isNumber(Math.abs(skew as number), 0)
      ? []
      : ['skew must be a number of milliseconds']),
  ]
  if (errors.length > 0) return errors
  return {
    rules: rules as FaultRule[],
    lags: lags as Lags,
    ...(skew === undefined ? {} : { skew: skew as number }),
  }
}
