import { stripControlCharacters } from '../base/control-characters.ts'
import { Interrupted } from '../base/host.ts'
import { quoted } from '../base/shell.ts'
import { UsageError } from '../base/usage-error.ts'
import type { Run } from '../engine/run.ts'
import { missingError, missingSettings, withDefaults } from '../settings/resolve.ts'
import type { KnownSettings, SettingName, Settings } from '../settings/settings.ts'
import { valuesOf } from '../settings/settings.ts'
import { lookedUp, takeCandidates } from './candidates.ts'
import type { Invocation } from './invocation.ts'
import { makeScreen, type Screen } from './screen.ts'
import { readSecretValue } from './secret-value.ts'
import { openSession, readGiven, type Session } from './session.ts'

/** All that a command needs once its settings are settled. */
export interface CommandRun {
  session: Session
  show: Screen
  known: KnownSettings
  settings: Settings
  run: Run
  /** True if there is a person to ask. */
  ask: boolean
}

/**
 * The frame of every command: reads what was given, signs in, settles the settings the command uses (found, asked,
 * by default), does the work, and turns whatever is thrown into a message and an exit code. `failed` hears of it, too.
 */
export async function runCommand(
  invocation: Invocation,
  command: string,
  uses: (settings: Partial<Settings>) => SettingName[],
  does: (job: CommandRun) => Promise<number>,
  failed?: (error: Error) => void,
): Promise<number> {
  const given = readGiven(invocation)
  const { world, globals } = invocation
  const show = await makeScreen(invocation)
  const ask = world.interactive && show.output === 'text'
  let secretValue = await readSecretValue(invocation)
  const all = withDefaults(given.known)
  // What cannot be together is said here too, before anything is sent.
  const names = uses(valuesOf(all))
  // What is there already can be found; what is still to be made has to be named.
  const finds = command === 'verify' && !globals.pre
  if (!ask && !given.sandbox)
    requireNamed(all, finds ? names.filter((name) => !lookedUp.includes(name)) : names, invocation)
  let session: Session | undefined
  try {
    show.opening(given)
    session = await openSession(
      given,
      ask ? (message) => show.say(stripControlCharacters(message)) : undefined,
    )
    if (ask && command === 'setup' && !globals.yes && !globals.dryRun)
      secretValue = (await show.wizard(session)) ?? secretValue
    const known = await settle(session, show, ask, uses, finds)
    const settings = valuesOf(known) as Settings
    if (globals.explainSettings) {
      show.settings(known)
      return 0
    }
    return await does({
      session,
      show,
      known,
      settings,
      ask,
      run: makeRun(session, settings, show, secretValue),
    })
  } catch (thrown) {
    const error = (given.signal.aborted ? given.signal.reason : thrown) as Error
    if (error instanceof UsageError) throw error
    failed?.(error)
    show.document({ command, ok: false, error })
    if (error instanceof Interrupted) {
      show.say('Stopped. Nothing was changed.')
      return 130
    }
    show.failure(error)
    return 1
  } finally {
    show.close()
    await session?.close()
  }
}

/** The words and flags of the command line, to be repeated with what is missing. */
const typed = ({ world }: Invocation) => world.argv.map(quoted).join(' ')

/** Those that a lookup can find out. */
const findable: SettingName[] = ['subscription', 'tenant', 'location']

/** Without a person to ask, what cannot be found out must have been given; said before anything is sent. */
function requireNamed(all: KnownSettings, names: readonly SettingName[], invocation: Invocation): void {
  const open = missingSettings(all, names).filter(({ name }) => !findable.includes(name))
  if (open.length) throw missingError(open, typed(invocation))
}

/** All settings that are used: given, found, asked, by default. */
async function settle(
  session: Session,
  show: Screen,
  ask: boolean,
  uses: (settings: Partial<Settings>) => SettingName[],
  finds: boolean,
): Promise<KnownSettings> {
  const { known, invocation } = session.given
  const open = (names?: SettingName[]) => {
    const all = withDefaults(known, session.found)
    return missingSettings(all, names ?? uses(valuesOf(all)))
  }
  const wanted = open().filter(({ name }) => finds && lookedUp.includes(name))
  if (wanted.length) await takeCandidates(session, wanted, { ask, show })
  if (ask)
    await show.askFor(
      open().filter(({ name }) => name !== 'location'),
      session,
    )
  if (open().some(({ name }) => name === 'location')) {
    const group = valuesOf(withDefaults(known, session.found)).resourceGroup
    const found = group && (await session.clients.groups.get(group))
    if (found) session.found.location = found.location
    else if (ask) await show.askFor(open(['location']), session)
  }
  if (open().length) throw missingError(open(), typed(invocation))
  const all = withDefaults(known, session.found)
  Object.assign(known, all)
  return all
}

function makeRun(
  { given, clients, reads, command }: Session,
  settings: Settings,
  show: Screen,
  secretValue: string | undefined,
): Run {
  const slow = given.sandbox ? given.pace : 1
  return {
    settings,
    clients,
    signal: given.signal,
    emit: (event) => {
      given.atWork.hear(event)
      show.report(event)
    },
    secretValue,
    command,
    ...reads,
    polling: { firstDelayMs: Math.max(20, 1000 * slow), maxDelayMs: Math.max(100, 8000 * slow) },
  }
}
