import type { ValueRule } from './rules.ts'
import type { SettingName, Settings } from './settings.ts'

export interface SettingSpec<Name extends SettingName = SettingName> {
  name: Name
  /** Its flag in camel case, if that is not the name. */
  flag?: string
  /** Heading in help. */
  group: 'Azure' | 'Cluster' | 'Issuer' | 'Workload' | 'Webhook' | 'Vault' | 'Grants' | 'Sample'
  /** One line for help and docs, without the default. */
  description: string
  /** Stands for the value in help: `--location <region>`; `name` if left out. */
  placeholder?: string
  example: string
  /** A `list` has several texts: its flag is repeated, and its variable separates them by commas. */
  kind: 'text' | 'number' | 'switch' | 'list'
  choices?: readonly string[]
  rule?: ValueRule
  /** Returns the default, computed from the other values; undefined while those are unknown. */
  default?: (known: Partial<Settings>) => Settings[Name] | undefined
  /** Describes the default in help and docs where `default` can't. */
  defaultNote?: string
  /** True if the setting may stay unset. */
  optional?: boolean
  /** Whether a value from a settings file, which a stranger may have written, is used without consent. */
  trust: Trust
  /** Returns true if the other values make this setting irrelevant. */
  isUnused?: (known: Partial<Settings>) => boolean
}

/**
 * `names`: the value names things that the user can access anyway, and the plan shows them. Otherwise, what the value
 * makes wi-setup do, to complete "wi-setup would …"; it needs consent unless it is the default.
 */
export type Trust = 'names' | { would: string; localPath?: 'always' | 'unless URL' }

export const setting = <Name extends SettingName>(spec: SettingSpec<Name>) => spec as unknown as SettingSpec
