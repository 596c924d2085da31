/** A program and its arguments, unquoted. `wi-setup` stands for this program. */
export type Argv = readonly [program: string, ...args: string[]]

/** Commands that run one after another while they succeed, each possibly piped into others. */
export interface Script {
  readonly pipelines: readonly (readonly Argv[])[]
}

/** What fixes something: commands to paste, or an instruction, which may contain commands. */
export type Remedy = string | Script | Instruction
export interface Instruction {
  readonly parts: readonly Part[]
}

/** Words to add to a command of the user's, unquoted. */
export interface Arguments {
  readonly args: readonly string[]
}

type Part = string | Script | Arguments

/** Option values by flag name; `true` for a switch. A value that starts with a dash is never a flag. */
export type Options = Readonly<Record<string, string | true | undefined>>

export const option = (flag: string, value: string): string[] =>
  // A dash alone stands for standard input.
  value.startsWith('-') && value !== '-' ? [`${flag}=${value}`] : [flag, value]

const optionArgs = (options: Options): string[] =>
  Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : value === true ? [`--${name}`] : option(`--${name}`, value),
  )

const script = (...argv: Argv): Script => ({ pipelines: [[argv]] })

/** Returns an az command. `words` are its own words, such as `aks start`, and never come from elsewhere. */
export const az = (words: string, options: Options = {}): Script =>
  script('az', ...words.split(' '), ...optionArgs(options))

/**
 * Returns a kubectl command. Pass objects with names from elsewhere as `kind/name`, so that a name is never a flag.
 */
export const kubectl = (args: readonly string[], options: Options = {}): Script =>
  script('kubectl', ...args, ...optionArgs(options))

/** Returns a command of this program, for its arguments. */
export const wiSetup = (...args: string[]): Script => script('wi-setup', ...args)

/** Returns a command of another program, for its arguments. */
export const program = (name: string, ...args: string[]): Script => script(name, ...args)

/** Returns a script that runs these one after another while they succeed. */
export const inSequence = (...scripts: readonly Script[]): Script => ({
  pipelines: scripts.flatMap(({ pipelines }) => pipelines),
})

/** Returns a script that pipes each of these commands into the next. */
export const piped = (...scripts: readonly Script[]): Script => ({
  pipelines: [scripts.flatMap(({ pipelines }) => pipelines.flat())],
})

/** Returns the command with further arguments. */
export const withArgs = ({ pipelines }: Script, ...args: string[]): Script => ({
  pipelines: pipelines.map((pipeline) => pipeline.map((argv) => [...argv, ...args] as const)),
})

/** Returns the command with the flag set to this value, replacing an earlier value of the same flag. */
export const withFlag = ({ pipelines }: Script, flag: string, value: string): Script => ({
  pipelines: pipelines.map((pipeline) =>
    pipeline.map(([name, ...args]): Argv => [name, ...withoutFlag(args, flag), ...option(flag, value)]),
  ),
})

const withoutFlag = (args: readonly string[], flag: string): string[] =>
  args.filter((arg, index) => arg !== flag && args[index - 1] !== flag && !arg.startsWith(`${flag}=`))

/** Returns an instruction; the scripts in it are printed as commands. */
export const instruction = (texts: TemplateStringsArray, ...values: (Remedy | Arguments)[]): Instruction => ({
  parts: texts.flatMap((text, index) => (index ? [...partsOf(values[index - 1]!), text] : [text])),
})

export const isScript = (remedy: Remedy | Arguments): remedy is Script =>
  typeof remedy === 'object' && 'pipelines' in remedy

/** Returns the texts, the commands and the arguments of a remedy, in their order. */
export const partsOf = (remedy: Remedy | Arguments): readonly Part[] =>
  typeof remedy === 'object' && 'parts' in remedy ? remedy.parts : [remedy]
