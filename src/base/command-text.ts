import { type Argv, isScript, partsOf, type Remedy, type Script } from './command.ts'
import { stripControlCharacters } from './control-characters.ts'
import type { Host } from './host.ts'
import { needsLegacyPassing, quoted, quotedWords, type Shell, withLegacyPassing } from './shell.ts'

/** What printed commands act on, and how they are written. */
export interface CommandTarget {
  /** The words that start this program. */
  program: readonly string[]
  shell: Shell
  /** Flags that name the cluster. */
  kubectl: readonly string[]
  /** Flags that name the subscription. */
  az: readonly string[]
  /** The same for the command groups of az whose resources may be in another subscription. */
  azOf?: Readonly<Record<string, readonly string[]>>
  /** Adds the cluster to the kubeconfig, if the user did not name one that has it. */
  getCredentials?: Script | undefined
}

/** Returns what commands are printed for outside of a run. */
export const hostTarget = ({ program, shell }: Pick<Host, 'program' | 'shell'>): CommandTarget => ({
  ...noTarget,
  program,
  shell,
})

export const noTarget: CommandTarget = { program: ['wi-setup'], shell: 'posix', kubectl: [], az: [] }

/** Command groups of az that have no --subscription. */
const withoutSubscription = ['account', 'ad', 'cloud', 'login', 'rest', 'upgrade', 'version']

/** Commands of helm that read no cluster. */
const withoutCluster = ['show', 'template']

/** The context comes after the kubeconfig. */
const withoutContext = (flags: readonly string[]) => {
  const at = flags.findIndex((flag) => flag.startsWith('--context'))
  return at === -1 ? flags : flags.slice(0, at)
}

/** A resource ID among the arguments names its own subscription. */
function subscriptionFlags(args: readonly string[], { az, azOf = {} }: CommandTarget): readonly string[] {
  const [flag] = az
  const [, id] = args.map((arg) => /^\/subscriptions\/([^/]+)/i.exec(arg)).find((match) => match) ?? []
  if (flag !== undefined && id !== undefined) return [flag, id]
  return azOf[args[0] ?? ''] ?? az
}

/** Returns the command with this program's name and the flags that name cluster and subscription. */
function complete([name, ...args]: Argv, target: CommandTarget): readonly string[] {
  const { program, kubectl } = target
  if (name === 'wi-setup') return [...program, ...args]
  // A local patch needs no cluster, and the kubeconfig's own commands need no context.
  if (name === 'kubectl' && args[0] === 'config')
    return [name, ...(args.includes('--kubeconfig') ? [] : withoutContext(kubectl)), ...args]
  if (name === 'kubectl' && !args.includes('--local')) return [name, ...kubectl, ...args]
  if (name === 'helm' && !withoutCluster.includes(args[0]!))
    return [name, ...kubectl.map((each) => each.replace(/^--context\b/, '--kube-context')), ...args]
  const [group = '', subcommand] = args
  const isGlobal = withoutSubscription.includes(group) || subcommand === 'install-cli'
  if (name === 'az' && !isGlobal && !args.includes('--subscription'))
    return [name, ...args, ...subscriptionFlags(args, target)]
  return [name, ...args]
}

const roleKinds = ['role', 'rolebinding', 'clusterrole', 'clusterrolebinding']

/** A cluster administrator grants permissions, with a kubeconfig and a context that only they know. */
const grantsRights = ([first]: readonly Argv[]): boolean =>
  (first?.[0] === 'wi-setup' && first[1] === 'permissions') ||
  (first?.[0] === 'kubectl' && first[1] === 'create' && roleKinds.includes(first[2] ?? ''))

/** Returns the pipelines of a remedy's commands, each a list of complete argument lists. */
export const commandsOf = (remedy: Remedy, target: CommandTarget): (readonly string[])[][] =>
  partsOf(remedy).flatMap((part) =>
    isScript(part)
      ? part.pipelines.map((pipeline) => {
          const own = grantsRights(pipeline) ? { ...target, kubectl: [] } : target
          return pipeline.map((argv) => complete(argv, own))
        })
      : [],
  )

/** Returns the words of a script, quoted for the shell. */
export function scriptWords(script: Script, target: CommandTarget, unicode = true): string[] {
  const { shell } = target
  const wordsOf = (argv: readonly string[]) => {
    const words = argv.map((word) => quoted(word, { shell, unicode }))
    // PowerShell takes a quoted first word for a value.
    return shell === 'powershell' && words[0] !== argv[0] ? ['&', ...words] : words
  }
  const commands = commandsOf(script, target)
  const pipelines = commands.map((pipeline) => joined(pipeline.map(wordsOf), '|'))
  if (shell !== 'powershell') return joined(pipelines, '&&')
  const words = inOrder(pipelines)
  return commands.flat(2).some(needsLegacyPassing) ? withLegacyPassing(words) : words
}

const joined = (lists: readonly string[][], sign: string): string[] =>
  lists.flatMap((words, index) => (index ? [sign, ...words] : words))

/** Windows PowerShell has no `&&`. */
function inOrder([first = [], ...rest]: readonly string[][]): string[] {
  return rest.length ? [...first, ';', 'if', '($?)', '{', ...inOrder(rest), '}'] : first
}

/** Returns the script as one line. */
export const scriptText = (script: Script, target: CommandTarget): string =>
  scriptWords(script, target).join(' ')

/** Returns the remedy as text. */
export const remedyText = (remedy: Remedy, target: CommandTarget): string =>
  partsOf(remedy)
    .map((part) => {
      if (typeof part === 'string') return stripControlCharacters(part)
      return isScript(part)
        ? scriptText(part, target)
        : quotedWords(part.args, { shell: target.shell, unicode: true })
    })
    .join('')
