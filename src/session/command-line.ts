import { az, option, type Script, wiSetup } from '../base/command.ts'
import { type CommandTarget, hostTarget } from '../base/command-text.ts'
import type { Host } from '../base/host.ts'
import type { GeneralOptions, GeneralValues } from '../settings/general.ts'
import type { KnownSettings, SettingName, Settings, SettingValue } from '../settings/settings.ts'
import { flagOf, type SettingSpec, settingsTable } from '../settings/table.ts'
import type { Invocation } from './invocation.ts'

/** Returns the general flags that a printed command line repeats. Values from variables or the file need no flag. */
export const repeatedFlags = (flags: GeneralValues, { sandbox }: GeneralOptions): string[] => [
  ...(sandbox ? ['--sandbox'] : []),
  ...(flags.cloud === undefined ? [] : option('--cloud', String(flags.cloud))),
  ...(flags.file === undefined ? [] : option('--file', String(flags.file))),
]

/** Settings that default to a main one, and are printed only where they differ from it. */
const mainOf: Partial<Record<SettingName, 'resourceGroup' | 'subscription'>> = {
  clusterResourceGroup: 'resourceGroup',
  identityResourceGroup: 'resourceGroup',
  vaultResourceGroup: 'resourceGroup',
  clusterSubscription: 'subscription',
  identitySubscription: 'subscription',
  vaultSubscription: 'subscription',
}

const subscriptionsOf: Partial<Record<SettingName, SettingName>> = {
  clusterResourceGroup: 'clusterSubscription',
  identityResourceGroup: 'identitySubscription',
  vaultResourceGroup: 'vaultSubscription',
}

/** Returns a wi-setup command with the known ones of these settings as flags. */
export function commandLine(
  command: string,
  names: readonly SettingName[],
  known: KnownSettings,
  repeated: readonly string[],
): Script {
  // A resource group without its subscription names nothing.
  const own = names.flatMap((name) => [name, ...(subscriptionsOf[name] ? [subscriptionsOf[name]] : [])])
  const wanted = names.some((name) => subscriptionsOf[name]) ? [...own, 'resourceGroup'] : own
  const settings = settingsTable
    .filter(({ name }) => wanted.includes(name) && known[name] !== undefined)
    .filter(({ name }) => !mainOf[name] || known[name]!.value !== known[mainOf[name]]?.value)
    .flatMap((spec) => flagWithValue(spec, known[spec.name]!.value))
  return wiSetup(...(command ? command.split(' ') : []), ...settings, ...repeated)
}

const flagWithValue = ({ name, kind }: SettingSpec, value: SettingValue): string[] => {
  if (Array.isArray(value)) return value.flatMap((each: string) => option(flagOf(name), each))
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
  const flags = (id = subscription) => (id === undefined ? [] : option('--subscription', id))
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
    az: flags(),
    azOf: {
      aks: flags(settings.clusterSubscription),
      identity: flags(settings.identitySubscription),
      keyvault: flags(settings.vaultSubscription),
      vm: flags(settings.clusterSubscription),
    },
  }
}
