import { spawnSync } from 'node:child_process'

// kube-proxy writes iptables rules for its services, for IPv4 and IPv6, and doesn't delete them when it ends.

const families = ['iptables', 'ip6tables'] as const

const rules = (family: (typeof families)[number]): string[] =>
  (spawnSync(`${family}-save`, { encoding: 'utf8' }).stdout ?? '').split('\n')
const isKubes = (line: string) => line.includes('KUBE-')

/** Returns the rules of any cluster on this machine. */
export const kubeRules = (): string[] =>
  families.flatMap((family) =>
    rules(family)
      .filter(isKubes)
      .map((line) => `${family} ${line}`),
  )

/** Deletes them. Call it only if there were none before the run. */
export function removeKubeRules(): void {
  for (const family of families) {
    const all = rules(family)
    if (!all.some(isKubes)) continue
    const input = all.filter((line) => !isKubes(line)).join('\n')
    const { status, stderr } = spawnSync(`${family}-restore`, { input, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${family}-restore: ${stderr}`)
  }
}
