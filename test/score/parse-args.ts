/** Splits arguments into positional ones and options: `--name value`, `--name=value`, `--switch`, `--list a b c`. */
export function parseArgs(
  args: readonly string[],
  switches: readonly string[] = [],
  lists: readonly string[] = [],
) {
  const positionals: string[] = []
  const options: Record<string, string> = {}
  for (let n = 0; n < args.length; n++) {
    const arg = args[n]!
    if (!arg.startsWith('--')) positionals.push(arg)
    else if (arg.includes('=')) options[arg.slice(2, arg.indexOf('='))] = arg.slice(arg.indexOf('=') + 1)
    else if (switches.includes(arg.slice(2))) options[arg.slice(2)] = 'true'
    else {
      options[arg.slice(2)] = args[++n] ?? ''
      while (lists.includes(arg.slice(2)) && args[n + 1] && !args[n + 1]!.startsWith('--'))
        options[arg.slice(2)] += ` ${args[++n]}`
    }
  }
  return { positionals, options }
}
