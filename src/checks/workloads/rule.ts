import type { CheckCode } from '../../base/check-code.ts'
import type { KubeObject } from '../../clients/kubernetes.ts'
import type { Severity } from '../../engine/check.ts'
import { type OpenObject, templatePath, type Workload } from './workload.ts'

export type FieldPath = readonly (string | number)[]

/** How a workload is mended where it runs. */
export type Change =
  /** A strategic merge patch of its pod template. */
  | { template: OpenObject }
  /** New pods are enough. */
  | { restart: true }
  /** Another command; the pods are made anew after it. */
  | { run: string; restart: boolean }
  /** Only in words. */
  | { words: string }

/** What is wrong with one workload. */
export interface RuleFinding {
  detail: string
  is?: string
  should?: string
  /** The field in the object that it is about. */
  field: FieldPath
  /** What to do to that field, for one who edits a manifest. */
  edit: string
  change: Change
  /** Only a warning, where the rule is of errors. */
  warning?: boolean
  /** It may pass by itself. */
  transient?: boolean
}

/** What is known around the workloads. What a manifest does not tell is `unknown`. */
export interface LintContext {
  audience: string
  /** The service account that has the identity, in this namespace. */
  identityAccount(namespace: string): string | undefined
  serviceAccount(namespace: string, name: string): KubeObject | 'none' | 'unknown'
  namespace(namespace: string): KubeObject | 'unknown'
  configMap(namespace: string, name: string): KubeObject | 'unknown'
  /** `1.34.2`. */
  kubernetesVersion: string | undefined
  /** Of the webhook; unknown without a cluster. */
  webhookVersion: string | undefined
  command(word: string): string
}

/** One sentence that is true of every healthy workload. */
export interface WorkloadRule {
  code: CheckCode
  title: string
  level?: Severity
  /** Says nothing as long as these links of the chain are broken. */
  needs?: readonly ('account' | 'webhook')[]
  /** A manifest does not tell. */
  clusterOnly?: true
  inspect(workload: Workload, around: LintContext): RuleFinding[]
}

/** A field of the pod template as a path from the object's top. */
export const inTemplate = (workload: Workload, ...path: FieldPath): FieldPath => [
  ...templatePath(workload.kind),
  ...path,
]

/** `1.6.0` is at least `1.6`; what is no version is as new as can be. */
export function isAtLeast(version: string, wanted: string): boolean {
  const numbers = (text: string) => text.split('.').map((part) => Number.parseInt(part, 10))
  const [is, want] = [numbers(version), numbers(wanted)]
  if (is.some(Number.isNaN)) return true
  for (const [index, number] of want.entries())
    if ((is[index] ?? 0) !== number) return (is[index] ?? 0) > number
  return true
}
