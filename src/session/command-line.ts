import { az, option, type Script, wiSetup } from '../base/command.ts'
import { type CommandTarget, hostTarget } from '../base/command-text.ts'
import type { Host } from '../base/host.ts'
import type { GeneralOptions, GeneralValues } from '../settings/general.ts'
import type { KnownSettings, SettingName, Settings } from '../settings/settings.ts'
import { flagOf, type SettingSpec, settingsTable } from '../settings/table.ts'
import type { Invocation } from './invocation.ts'

/** Returns the general flags that a printed command line repeats. Values from variables or the file need no flag. */
export const repeatedFlags = (flags: GeneralValues, { sandbox }: GeneralOptions): string[] => [
  ...(sandbox ? ['--sandbox'] : []),
  ...(flags.cloud === undefined ? [] : option('--cloud', String(flags.cloud))),
  ...(flags.file === undefined ? [] : option('--file', String(flags.file))),
]

/** Resource groups that default to the main one, and are printed only where they differ. */
const otherGroups: readonly SettingName[] = [
  'clusterResourceGroup',
  'identityResourceGroup',
  'vaultResourceGroup',
]

/** Returns a wi-setup command with the known ones of these settings as flags. */
export function commandLine(
  command: string,
  names: readonly SettingName[],
  known: KnownSettings,
  repeated: readonly string[],
): Script {
  const mainGroup = known.resourceGroup?.value
  const wanted = names.some((name) => otherGroups.includes(name)) ? [...names, 'resourceGroup'] : names
  const settings = settingsTable
    .filter(({ name }) => wanted.includes(name) && known[name] !== undefined)
    .filter(({ name }) => !otherGroups.includes(name) || known[name]!.value !== mainGroup)
    .flatMap((spec) => flagWithValue(spec, known[spec.name]!.value))
  return wiSetup(...(command ? [command] : []), ...settings, ...repeated)
}

const flagWithValue = ({ name, kind }: SettingSpec, value: string | number | boolean): string[] => {
  if (kind === 'switch') return [value ? flagOf(name) : flagOf(name).replace('--', '--no-')]
  return option(flagOf(name), String(value))
}

export interface CommandPrinter {
  /** Returns a command with these settings and, until the settings are saved, those that the user gave. */
  command: (command: string, ...names: SettingName[]) => Script
  /** Call after the settings are saved: printed commands no longer repeat them. */
  settingsSaved(): void
}

export function makeCommandPrinter(
  { repeatedFlags, settingsOf }: Pick<Invocation, 'repeatedFlags' | 'settingsOf'>,
  known: KnownSettings,
): CommandPrinter {
  let saved = false
  const isGiven = (name: SettingName) => ['flag', 'asked'].includes(known[name]?.source ?? '')
  const command: CommandPrinter['command'] = (name, ...names) => {
    const given = saved ? [] : settingsOf(name).filter(isGiven)
    return commandLine(name, [...names, ...given], known, repeatedFlags)
  }
  return {
    command,
    settingsSaved() {
      saved = true
    },
  }
}

/** Returns what printed commands act on: the cluster and the subscription of the settings. */
export const commandTarget = (
  settings: Partial<Settings>,
  host: Pick<Host, 'program' | 'shell'>,
): CommandTarget => {
  const { context, kubeconfig, cluster, clusterResourceGroup: group, subscription } = settings
  const isNamed = context !== undefined || kubeconfig !== undefined
  return {
    ...hostTarget(host),
    kubectl: [
      ...(kubeconfig === undefined ? [] : option('--kubeconfig', kubeconfig)),
      ...(context === undefined ? [] : option('--context', context)),
      // The name that `az aks get-credentials` gives to the context of a cluster.
      ...(isNamed || cluster === undefined ? [] : option('--context', cluster)),
    ],
    ...(isNamed || cluster === undefined || group === undefined
      ? {}
      : { getCredentials: az('aks get-credentials', { 'resource-group': group, name: cluster }) }),
    az: subscription === undefined ? [] : option('--subscription', subscription),
  }
}
