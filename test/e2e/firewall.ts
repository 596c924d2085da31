import { execFileSync } from 'node:child_process'

const mark = 'wi-setup-e2e'
const iptables = (...args: string[]) => execFileSync('iptables', ['--wait', ...args], { encoding: 'utf8' })

/** Rejects packets that match, such as `['INPUT', '--in-interface', 'wi0', …]`. */
export const rejectPackets = (
  match: string[],
  how: 'tcp-reset' | 'icmp-host-unreachable' | 'icmp-port-unreachable',
) =>
  iptables(
    ...['--insert', ...match, '--match', 'comment', '--comment', mark],
    ...['--jump', 'REJECT', '--reject-with', how],
  )

/** Deletes all rules of these tests, also those that an earlier run has left. */
export function deleteRules(): void {
  for (const rule of iptables('--list-rules')
    .split('\n')
    .filter((line) => line.includes(mark)))
    iptables('--delete', ...rule.replaceAll('"', '').trim().split(' ').slice(1))
}
