import { type Host, wrapsCommands } from '../base/host.ts'
import type { TerminalStyle } from '../ui/text.ts'

/** Returns how to format text for standard error, or for standard output, where nothing is colored unless it is a terminal. */
export function terminalStyle(
  host: Pick<Host, 'stdout' | 'stderr' | 'columns' | 'color' | 'unicode' | 'env'>,
  stream: 'stdout' | 'stderr',
  color: boolean,
): TerminalStyle {
  const isTerminal = Boolean(host[stream].isTTY)
  const isErrors = stream === 'stderr'
  return {
    columns: isErrors ? host.columns : isTerminal ? Math.min(host.columns, 100) : 80,
    color: host.color && color && (isErrors || isTerminal),
    unicode: host.unicode,
    fold: wrapsCommands(host, host[stream]),
  }
}
