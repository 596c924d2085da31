import { stripControlCharacters } from '../../base/control-characters.ts'
import type { AnyStep } from '../../engine/step.ts'
import type { Invocation } from '../../session/invocation.ts'
import { trustSaved } from '../../session/require-trust.ts'
import type { CommandRun } from '../../session/run-command.ts'
import { isForAzure, saveSettings } from '../../session/saved-settings.ts'
import { partNames, subscriptionOf } from '../../settings/resource-ids.ts'
import type { SettingName } from '../../settings/settings.ts'
import { settingsUsedBy } from './consent.ts'

/** Saves the settings that the steps use before the first write, so that the same command continues from any point. */
export function saveUsedSettings(
  invocation: Pick<Invocation, 'file' | 'host' | 'options'>,
  { screen, printer, settings }: CommandRun,
  steps: readonly AnyStep[],
): void {
  const { file, options } = invocation
  const name = stripControlCharacters(file.name)
  if (options.sandbox && isForAzure(file)) {
    screen.say(`  ${name} has settings for Azure and is not changed by a sandbox run\n\n`)
    return
  }
  const used: SettingName[] = [...settingsUsedBy(steps), 'subscription', 'identityKind', 'sample', 'webhook']
  const ofSandbox: string[] = options.sandbox ? ['subscription', 'tenant', 'issuerHost'] : []
  const isDefaultSubscription = (name: string) =>
    partNames.some((part) => subscriptionOf[part] === name) &&
    settings[name as SettingName] === settings.subscription &&
    file.saved.settings[name as SettingName] === undefined
  const saved = Object.fromEntries(
    Object.entries(settings).filter(
      ([each]) =>
        used.includes(each as SettingName) && !ofSandbox.includes(each) && !isDefaultSubscription(each),
    ),
  )
  const { cloud } = options
  const where = options.sandbox
    ? { sandbox: true }
    : cloud !== undefined && cloud !== 'public'
      ? { cloud }
      : {}
  const { changed, saved: written } = saveSettings(file, saved, where)
  trustSaved({ ...invocation, file: { ...file, saved: written } }, saved)
  printer.settingsSaved()
  if (changed) screen.say(`  Settings saved in ${name}\n\n`)
}
