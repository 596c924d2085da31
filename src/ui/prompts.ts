import { stripControlCharacters } from '../base/control-characters.ts'
import { Interrupted } from '../base/host.ts'
import { glyphs, paint, sanitizeLine, type TerminalStyle, toAscii, truncate } from './text.ts'

/** A choice; a disabled one is shown with the reason. */
export interface Choice<Value> {
  value: Value
  name: string
  description?: string
  disabled?: boolean | string
}

/** Returns `true`, or what is wrong with the text. */
type Validate = (text: string) => true | string

/** Prompts the user. Each prompt throws `Interrupted` on Ctrl-C. */
export interface Prompter {
  select<Value>(of: { message: string; choices: readonly Choice<Value>[]; default?: Value }): Promise<Value>
  input(of: { message: string; default?: string; validate?: Validate }): Promise<string>
  /** Does not echo the input. */
  password(of: { message: string; validate?: Validate }): Promise<string>
  confirm(of: { message: string; default?: boolean }): Promise<boolean>
}

/** Returns prompts on a terminal. `output` is the error stream: standard output is for results. */
export function makePrompter(
  of: {
    input: NodeJS.ReadableStream
    output: NodeJS.WritableStream
    signal?: AbortSignal
  } & TerminalStyle,
): Prompter {
  const context = { input: of.input, output: of.output, ...(of.signal ? { signal: of.signal } : {}) }
  const shown = (text: string) => toAscii(sanitizeLine(text), of)
  /** Aligns the answers of short prompts. */
  const promptMessage = (text: string) => shown(text).padEnd(15)
  const theme = {
    prefix: { idle: paint('accent', '?', of), done: paint('accent', glyphs(of).done, of) },
    style: {
      message: (text: string) => text,
      answer: (text: string) => paint('accent', text, of),
      highlight: (text: string) => paint('accent', text, of),
      error: (text: string) => paint('broken', toAscii(stripControlCharacters(text), of), of),
      defaultAnswer: (text: string) => paint('dim', `(${text})`, of),
      help: (text: string) => paint('dim', text, of),
      key: (text: string) => paint('accent', text, of),
      description: (text: string) => paint('dim', text, of),
      disabled: (text: string) => paint('dim', `  ${text}`, of),
      keysHelpTip: () => undefined,
    },
  }
  const ask = async <T>(question: Promise<T>): Promise<T> => {
    try {
      return await question
    } catch (error) {
      if (/^(Exit|Abort|Cancel)PromptError$/.test((error as Error).name)) throw new Interrupted()
      throw error
    }
  }
  const inquirer = () => import('@inquirer/prompts')

  return {
    async select({ message, choices, default: preset }) {
      const { select } = await inquirer()
      const width = Math.max(...choices.map(({ name }) => shown(name).length))
      const room = of.columns - width - 6
      const listed = choices.map(({ value, name, description, disabled }) => ({
        value,
        name:
          description && room >= 8
            ? `${shown(name).padEnd(width)}   ${paint('dim', truncate(shown(description), room, of), of)}`
            : shown(name),
        short: shown(name),
        ...(disabled === undefined ? {} : { disabled }),
      }))
      return ask(
        select(
          {
            message: promptMessage(message),
            choices: listed,
            loop: false,
            pageSize: 10,
            ...(preset === undefined ? {} : { default: preset }),
            theme: { ...theme, icon: { cursor: of.unicode ? '❯' : '>' } },
          },
          context,
        ),
      )
    },
    async input({ message, default: preset, validate }) {
      const { input } = await inquirer()
      return ask(
        input(
          {
            message: promptMessage(message),
            ...(preset === undefined ? {} : { default: preset }),
            ...(validate ? { validate } : {}),
            theme,
          },
          context,
        ),
      )
    },
    async password({ message, validate }) {
      const { password } = await inquirer()
      return ask(
        password({ message: shown(message), mask: false, ...(validate ? { validate } : {}), theme }, context),
      )
    },
    async confirm({ message, default: preset }) {
      const { confirm } = await inquirer()
      return ask(confirm({ message: shown(message), default: preset ?? false, theme }, context))
    },
  }
}
