import { findNodeProgram, nodeVariable } from './node-programs.ts'
import { inTemplate, type RuleFinding } from './rule.ts'
import { type Container, containersOf, type OpenObject, type Workload, workloadTitle } from './workload.ts'

// Programs configured to use the node's identity instead of the pod's token.

/** Returns a finding for each program of the workload that asks the node for its identity. */
export const nodeIdentityFindings = (workload: Workload): RuleFinding[] =>
  containersOf(workload).flatMap((container) => [
    ...inCommands(workload, container),
    ...inVariables(workload, container),
  ])

/** Commands that Kubernetes runs in a container beside its own. */
const otherCommands = [
  ['lifecycle', 'postStart', 'exec', 'command'],
  ['lifecycle', 'preStop', 'exec', 'command'],
  ['startupProbe', 'exec', 'command'],
  ['readinessProbe', 'exec', 'command'],
  ['livenessProbe', 'exec', 'command'],
] as const

const wordsAt = ({ spec }: Container, path: readonly string[]): string[] => {
  const words: unknown = path.reduce<OpenObject | undefined>((of, key) => of?.[key], spec)
  return Array.isArray(words) ? words.filter((word) => typeof word === 'string') : []
}

function inCommands(workload: Workload, container: Container): RuleFinding[] {
  const main = [...wordsAt(container, ['command']), ...wordsAt(container, ['args'])]
  const mainPath = [container.spec.command === undefined ? 'args' : 'command']
  const commands: [path: readonly string[], words: string[]][] = [
    [mainPath, main],
    ...otherCommands.map((path): [readonly string[], string[]] => [path, wordsAt(container, path)]),
  ]
  return commands.flatMap(([path, words]): RuleFinding[] => {
    const found = findNodeProgram(words.join(' '))
    if (!found) return []
    const { what, instead } = found
    return [
      {
        detail: `${workloadTitle(workload)}, container ${container.name}, uses ${what}, which uses the node's identity instead of the pod's`,
        is: what,
        should: instead,
        field: inTemplate(workload, 'spec', container.list, container.index, ...path),
        edit: `use ${instead}`,
        change: { instruction: `In container ${container.name}, use ${instead}` },
      },
    ]
  })
}

const inVariables = (workload: Workload, container: Container): RuleFinding[] => {
  const all = (container.spec.env ?? []) as OpenObject[]
  return all.flatMap(({ name, value }, index): RuleFinding[] => {
    const found = nodeVariable(`${name}`, `${value}`)
    if (!found) return []
    const field = inTemplate(workload, 'spec', container.list, container.index, 'env', index)
    const is = `${name}=${value}`
    const detail = `${workloadTitle(workload)}, container ${container.name}, sets ${is}, which uses the node's identity instead of the pod's`
    if ('instead' in found) {
      const instruction = `use ${found.instead}`
      const change = { instruction: `In container ${container.name}, ${instruction}` }
      return [{ detail, is, should: found.instead, field, edit: instruction, change }]
    }
    const [newName, newValue] = found.variable
    const isSet = all.some((each) => each.name === newName && `${each.value}` === newValue)
    // With both set, Terraform prefers the token, and Grafana offers both.
    if (isSet) return []
    const env = [
      ...(newName === name ? [] : [{ name, $patch: 'delete' }]),
      { name: newName, value: newValue },
    ]
    return [
      {
        detail,
        is,
        should: `${newName}=${newValue}`,
        field,
        edit: `set ${newName}=${newValue} instead`,
        change: { template: { spec: { [container.list]: [{ name: container.name, env }] } } },
      },
    ]
  })
}
