import { UsageError } from '../base/usage-error.ts'
import { clouds } from '../clients/cloud.ts'
import { durationFault, parseDuration } from './duration.ts'
import { shownValue } from './shown-value.ts'
import { type Trust, variableOf } from './table.ts'

/** A general option: how to run a command, as opposed to a setting, which says what to set up. */
interface GeneralSpec {
  /** As in help: `--file <path>`. */
  flags: string
  description: string
  kind: 'text' | 'number' | 'switch'
  /** Also read from WI_SETUP_<NAME>. */
  variable?: true
  /** Also read from the settings file. */
  inFile?: true
  /** Whether a value from the settings file is used without consent; set if `inFile` is. */
  trust?: Trust
}

/** Every general option, in the order of help and docs. */
export const generalOptions = {
  file: {
    flags: '--file <path>',
    description: 'Settings file to read and to save to (default: wi-setup.yaml)',
    kind: 'text',
    variable: true,
  },
  cloud: {
    flags: '--cloud <name>',
    description: 'Cloud: public, usgov, china or the URL of a resource manager (default: public)',
    kind: 'text',
    variable: true,
    inFile: true,
    trust: { would: 'sign in there, and send it your tokens' },
  },
  sandbox: {
    flags: '--sandbox',
    description: 'Run against a built-in Azure simulator',
    kind: 'switch',
    variable: true,
    inFile: true,
    trust: 'names',
  },
  pace: {
    flags: '--pace <factor>',
    description: 'Delays of the simulator, from 0 (none) to 10; 1 is as slow as Azure (default: 0.05)',
    kind: 'number',
    variable: true,
    inFile: true,
    trust: 'names',
  },
  yes: { flags: '-y, --yes', description: 'Apply the plan without asking', kind: 'switch' },
  dryRun: { flags: '--dry-run', description: 'Show what would change and exit', kind: 'switch' },
  explainSettings: {
    flags: '--explain-settings',
    description: 'Show every setting and where its value comes from, and exit',
    kind: 'switch',
  },
  output: {
    flags: '--output <format>',
    description: 'Format of the result on standard output (default: text)',
    kind: 'text',
    variable: true,
    inFile: true,
    trust: 'names',
  },
  timeout: {
    flags: '--timeout <duration>',
    description: 'Stop after this time, such as 90s or 30m (default: no limit)',
    kind: 'text',
    variable: true,
    inFile: true,
    trust: 'names',
  },
  debug: {
    flags: '--debug',
    description: 'Print every request, without tokens and secrets',
    kind: 'switch',
  },
  quiet: {
    flags: '-q, --quiet',
    description: 'Print only errors',
    kind: 'switch',
    variable: true,
    inFile: true,
    trust: 'names',
  },
  color: { flags: '--no-color', description: 'Print without colors', kind: 'switch' },
} as const satisfies Record<string, GeneralSpec>

export type GeneralName = keyof typeof generalOptions
export type Output = 'text' | 'json' | 'junit'

/** General options as found in one place, unchecked. */
export type GeneralValues = Partial<Record<GeneralName, string | number | boolean>>

/** The checked general options of one run. */
export interface GeneralOptions {
  output: Output
  quiet: boolean
  color: boolean
  debug: boolean
  yes: boolean
  dryRun: boolean
  explainSettings: boolean
  sandbox: boolean
  /** `public`, `usgov`, `china` or the URL of a resource manager; undefined in the sandbox. */
  cloud: string | undefined
  /** Factor on the sandbox's delays. */
  pace: number
  /** As typed, and in ms. */
  timeout: { text: string; ms: number } | undefined
  /** True if the settings file names the cloud, and neither flag nor variable does. */
  cloudFromFile: boolean
}

export interface GeneralSources {
  flags: GeneralValues
  env: Record<string, string | undefined>
  file: GeneralValues
  /** Names the file in errors. */
  filePath: string
}

export const generalNames = Object.keys(generalOptions) as GeneralName[]

/** Returns the first value of an option over flag, variable and file, and the name of that place. */
export function generalValue(
  name: GeneralName,
  { flags, env, file, filePath }: GeneralSources,
): { value: string | number | boolean; from: string; inFile: boolean } | undefined {
  const { flags: spelling, variable, inFile }: GeneralSpec = generalOptions[name]
  const flag = /--[\w-]+/.exec(spelling)![0]
  if (flags[name] !== undefined) return { value: flags[name], from: flag, inFile: false }
  const inEnvironment = variable && (env[variableOf(name)] || undefined)
  if (inEnvironment !== undefined) return { value: inEnvironment, from: variableOf(name), inFile: false }
  const saved = inFile && file[name]
  return saved === undefined ? undefined : { value: saved, from: `${filePath}: ${name}`, inFile: true }
}

/** `command`: the values of --output that it supports, and the options that matter to it; others get their defaults. */
export function resolveGeneral(
  sources: GeneralSources,
  command: { outputs: readonly Output[]; general: readonly GeneralName[] },
): GeneralOptions {
  const faults: string[] = []
  const read = <T>(name: GeneralName, otherwise: T, parse: (text: string) => T | Fault): T => {
    const found = command.general.includes(name) ? generalValue(name, sources) : undefined
    if (found === undefined) return otherwise
    const parsed = parse(String(found.value).trim())
    if (!(parsed instanceof Fault)) return parsed
    faults.push(`${found.from} ${JSON.stringify(shownValue(found.value))} ${parsed.text}`)
    return otherwise
  }
  const on = (name: GeneralName, otherwise = false) => read(name, otherwise, parseSwitch)
  const options: GeneralOptions = {
    output: read('output', 'text', oneOf(command.outputs)),
    quiet: on('quiet'),
    color: on('color', true),
    debug: on('debug'),
    yes: on('yes'),
    dryRun: on('dryRun'),
    explainSettings: on('explainSettings'),
    sandbox: on('sandbox'),
    cloud: read('cloud', 'public', parseCloud),
    pace: read('pace', 0.05, parsePace),
    timeout: read<GeneralOptions['timeout']>('timeout', undefined, parseTimeout),
    cloudFromFile: command.general.includes('cloud') && generalValue('cloud', sources)?.inFile === true,
  }
  if (faults.length) throw new UsageError(faults.join('\n'))
  return oneCloud(options, sources)
}

/** The sandbox is also a cloud: if two are given, a flag or variable outranks the file. */
function oneCloud(options: GeneralOptions, sources: GeneralSources): GeneralOptions {
  const cloud = generalValue('cloud', sources)
  const sandbox = generalValue('sandbox', sources)
  if (!options.sandbox) return options
  if (cloud && !cloud.inFile) {
    if (!sandbox?.inFile) throw new UsageError("--sandbox and --cloud can't be combined")
    return { ...options, sandbox: false }
  }
  return { ...options, cloud: undefined, cloudFromFile: false }
}

/** What is wrong with a value, to follow the value in an error. */
class Fault {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const parseSwitch = (text: string) =>
  /^(true|1)$/i.test(text) || (/^(false|0)$/i.test(text) ? false : new Fault('must be true or false'))

const oneOf =
  <T extends string>(allowed: readonly T[]) =>
  (text: string) =>
    allowed.find((each) => each === text) ?? new Fault(`is not one of ${allowed.join(', ')}`)

const parseCloud = (text: string) =>
  Object.hasOwn(clouds, text) || /^https:\/\/[^/]/.test(text)
    ? text
    : new Fault(
        `is not a known cloud\n  one of ${Object.keys(clouds).join(', ')}, or the https:// URL of a resource manager`,
      )

const parsePace = (text: string) =>
  /\S/.test(text) && Number(text) >= 0 && Number(text) <= 10
    ? Number(text)
    : new Fault('is not a number from 0 to 10')

function parseTimeout(text: string) {
  const ms = parseDuration(text)
  return ms === undefined ? new Fault(durationFault) : { text, ms }
}
