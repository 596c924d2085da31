import { inTemplate, type RuleFinding } from './rule.ts'
import { type Container, containersOf, type OpenObject, type Workload, workloadTitle } from './workload.ts'

// Programs configured to use the node's identity instead of the pod's token.

const asksNode: readonly [pattern: RegExp, what: string, instead: string][] = [
  [
    /\baz\s{1,20}login\b[^\n;|&]{0,400}\s(?:--identity|-i)\b/,
    'the flag --identity of az login',
    'its flags --service-principal --username "$AZURE_CLIENT_ID" --tenant "$AZURE_TENANT_ID" --federated-token "$(cat "$AZURE_FEDERATED_TOKEN_FILE")"',
  ],
  [
    /\bazcopy\s{1,20}login\b[^\n;|&]{0,400}\s--identity\b/,
    'the flag --identity of azcopy login',
    'AZCOPY_AUTO_LOGIN_TYPE=WORKLOAD',
  ],
  [
    /\b169\.254\.169\.254\/metadata\/identity\b/,
    'the metadata service of the node',
    'an Azure SDK, or a request to $AZURE_AUTHORITY_HOST with the token in $AZURE_FEDERATED_TOKEN_FILE',
  ],
]

const variables: Record<string, [value: RegExp, instead: readonly [name: string, value: string]]> = {
  ARM_USE_MSI: [/^(true|1)$/i, ['ARM_USE_AKS_WORKLOAD_IDENTITY', 'true']],
  AAD_LOGIN_METHOD: [/^msi$/i, ['AAD_LOGIN_METHOD', 'workloadidentity']],
  AZCOPY_AUTO_LOGIN_TYPE: [/^msi$/i, ['AZCOPY_AUTO_LOGIN_TYPE', 'WORKLOAD']],
}

/** Returns a finding for each program of the workload that asks the node for its identity. */
export const nodeIdentityFindings = (workload: Workload): RuleFinding[] =>
  containersOf(workload).flatMap((container) => [
    ...inCommand(workload, container),
    ...inVariables(workload, container),
  ])

function inCommand(workload: Workload, container: Container): RuleFinding[] {
  const words = [container.spec.command, container.spec.args].flatMap((each) =>
    Array.isArray(each) ? each : [],
  )
  const text = words.filter((word) => typeof word === 'string').join(' ')
  const found = asksNode.find(([pattern]) => pattern.test(text))
  if (!found) return []
  const [, what, instead] = found
  const list = container.spec.command === undefined ? 'args' : 'command'
  return [
    {
      detail: `${workloadTitle(workload)}, container ${container.name}, uses ${what}, which uses the node's identity instead of the pod's`,
      is: what,
      should: instead,
      field: inTemplate(workload, 'spec', container.list, container.index, list),
      edit: `use ${instead}`,
      change: { instruction: `In container ${container.name}, use ${instead}` },
    },
  ]
}

const inVariables = (workload: Workload, container: Container): RuleFinding[] =>
  ((container.spec.env ?? []) as OpenObject[]).flatMap(({ name, value }, index): RuleFinding[] => {
    const [pattern, instead] = variables[`${name}`] ?? []
    if (!pattern || !instead || !pattern.test(`${value}`)) return []
    const [newName, newValue] = instead
    const env = [
      ...(newName === name ? [] : [{ name, $patch: 'delete' }]),
      { name: newName, value: newValue },
    ]
    return [
      {
        detail: `${workloadTitle(workload)}, container ${container.name}, sets ${name}=${value}, which uses the node's identity instead of the pod's`,
        is: `${name}=${value}`,
        should: `${newName}=${newValue}`,
        field: inTemplate(workload, 'spec', container.list, container.index, 'env', index),
        edit: `set ${newName}=${newValue} instead`,
        change: { template: { spec: { [container.list]: [{ name: container.name, env }] } } },
      },
    ]
  })
