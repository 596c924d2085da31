import { spawnSync } from 'node:child_process'

// kube-proxy writes the rules of its services into the machine's tables, for both families, and leaves them there.

const families = ['iptables', 'ip6tables'] as const

const rules = (family: (typeof families)[number]): string[] =>
  (spawnSync(`${family}-save`, { encoding: 'utf8' }).stdout ?? '').split('\n')
const isKubes = (line: string) => line.includes('KUBE-')

/** Rules of any cluster in the machine's own tables. */
export const kubeRules = (): string[] =>
  families.flatMap((family) =>
    rules(family)
      .filter(isKubes)
      .map((line) => `${family} ${line}`),
  )

/** Takes them out; only for a machine that had none before. */
export function removeKubeRules(): void {
  for (const family of families) {
    const all = rules(family)
    if (!all.some(isKubes)) continue
    const input = all.filter((line) => !isKubes(line)).join('\n')
    const { status, stderr } = spawnSync(`${family}-restore`, { input, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${family}-restore: ${stderr}`)
  }
}
