import type { CheckCode } from '../../base/check-code.ts'
import type { Instruction, Script } from '../../base/command.ts'
import type { KubeObject } from '../../clients/kubernetes.ts'
import type { Severity } from '../../engine/check.ts'
import { type OpenObject, templatePath, type Workload } from './workload.ts'

export type FieldPath = readonly (string | number)[]

/** How to fix a running workload. */
export type Change =
  /** A strategic merge patch of its pod template. */
  | { template: OpenObject }
  /** New pods suffice. */
  | { restart: true }
  /** A command, optionally followed by a restart of the pods. */
  | { run: Script; restart: boolean }
  /** An instruction, where no command does it. */
  | { instruction: Instruction | string }

/** What is wrong with one workload. */
export interface RuleFinding {
  detail: string
  is?: string
  should?: string
  /** Path of the affected field in the object. */
  field: FieldPath
  /** How to edit that field in a manifest. */
  edit: string
  change: Change
  /** Makes a finding of an error-level rule a warning. */
  warning?: boolean
  /** The problem may resolve without a fix. */
  transient?: boolean
}

/** Objects around the workloads. Without access to one, it is `unknown`. */
export interface LintContext {
  audience: string
  /** The service account in this namespace that has the identity. */
  identityAccount(namespace: string): string | undefined
  serviceAccount(namespace: string, name: string): KubeObject | 'none' | 'unknown'
  /** Another object of these manifests that carries the client ID annotation: `Service shop/web`. */
  clientIdElsewhere(namespace: string): string | undefined
  /** Whether the Secrets Store CSI driver signs in as the pod's service account for this class. */
  usesPodTokens(namespace: string, secretProviderClass: string): boolean | 'unknown'
  namespace(namespace: string): KubeObject | 'unknown'
  configMap(namespace: string, name: string): KubeObject | 'unknown'
  /** For example `1.34.2`; undefined without a cluster. */
  kubernetesVersion: string | undefined
  /** Undefined without a cluster. */
  webhookVersion: string | undefined
  command(name: string): Script
}

/** A statement that is true for every healthy workload. */
export interface WorkloadRule {
  code: CheckCode
  title: string
  level?: Severity
  /** The rule is skipped while these links of the chain fail. */
  needs?: readonly ('account' | 'webhook')[]
  /** Manifests don't contain what the rule needs. */
  clusterOnly?: true
  inspect(workload: Workload, context: LintContext): RuleFinding[]
}

/** Returns the path of a pod template's field from the root of the object. */
export const inTemplate = (workload: Workload, ...path: FieldPath): FieldPath => [
  ...templatePath(workload.kind),
  ...path,
]

/** Reports whether a version is at least `wanted`. A text that isn't a version counts as newest. */
export function isAtLeast(version: string, wanted: string): boolean {
  const numbers = (text: string) => text.split('.').map((part) => Number.parseInt(part, 10))
  const [is, want] = [numbers(version), numbers(wanted)]
  if (is.some(Number.isNaN)) return true
  for (const [index, number] of want.entries())
    if ((is[index] ?? 0) !== number) return (is[index] ?? 0) > number
  return true
}
