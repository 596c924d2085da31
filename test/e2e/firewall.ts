import { execFileSync } from 'node:child_process'

const mark = 'wi-setup-e2e'
const iptables = (...args: string[]) => execFileSync('iptables', ['--wait', ...args], { encoding: 'utf8' })

/** Refuses packets of this machine that match: `['INPUT', '--in-interface', 'wi0', …]`, answering with `how`. */
export const refuse = (
  match: string[],
  how: 'tcp-reset' | 'icmp-host-unreachable' | 'icmp-port-unreachable',
) =>
  iptables(
    ...['--insert', ...match, '--match', 'comment', '--comment', mark],
    ...['--jump', 'REJECT', '--reject-with', how],
  )

/** Takes all of it back, also what an ended run has left. */
export function refuseNothing(): void {
  for (const rule of iptables('--list-rules')
    .split('\n')
    .filter((line) => line.includes(mark)))
    iptables('--delete', ...rule.replaceAll('"', '').trim().split(' ').slice(1))
}
