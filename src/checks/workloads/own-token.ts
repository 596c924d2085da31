import { inTemplate, type RuleFinding, type WorkloadRule } from './rule.ts'
import {
  type Container,
  containersOf,
  isLabelled,
  type OpenObject,
  podSpecOf,
  type Workload,
  workloadTitle,
} from './workload.ts'

// Tokens that a manifest projects itself, without the webhook.

const tokenFileVariable = 'AZURE_FEDERATED_TOKEN_FILE'

/** A token in a projected volume, with its position. */
export interface OwnToken {
  volume: number
  source: number
  volumeName: string
  /** Path of the file in the volume. */
  path: string
  /** Undefined for the API server's own. */
  audience: string | undefined
}

/** Returns the service account tokens that the pods mount. */
export const ownTokensOf = (workload: Workload): OwnToken[] =>
  ((podSpecOf(workload).volumes ?? []) as OpenObject[]).flatMap((each, volume) =>
    ((each?.projected?.sources ?? []) as OpenObject[]).flatMap((one, source): OwnToken[] => {
      const token = one?.serviceAccountToken
      return token
        ? [{ volume, source, volumeName: each.name, path: `${token.path}`, audience: token.audience }]
        : []
    }),
  )

const variablesOf = ({ spec }: Container) => (spec.env ?? []) as OpenObject[]
const mountsOf = ({ spec }: Container) => (spec.volumeMounts ?? []) as OpenObject[]

/** Returns the path that a container passes to the SDKs, and the index of the variable. */
function tokenFileOf(container: Container): { path: string; index: number } | undefined {
  const index = variablesOf(container).findIndex(({ name }) => name === tokenFileVariable)
  const value: unknown = variablesOf(container)[index]?.value
  return typeof value === 'string' && value !== '' ? { path: value, index } : undefined
}

const withoutSlash = (path: string) => path.replace(/\/+$/, '')

/** Returns where a container finds a token: below the mount of its volume, or at the file that it mounts alone. */
const pathsOf = (container: Container, token: OwnToken): string[] =>
  mountsOf(container)
    .filter(({ name }) => name === token.volumeName)
    .map(({ mountPath, subPath }) =>
      subPath === token.path ? `${mountPath}` : `${withoutSlash(`${mountPath}`)}/${token.path}`,
    )

/** Returns the tokens that containers pass to the SDKs by AZURE_FEDERATED_TOKEN_FILE. */
export const usedTokensOf = (workload: Workload): OwnToken[] =>
  ownTokensOf(workload).filter((token) =>
    containersOf(workload).some((container) => {
      const file = tokenFileOf(container)
      return file !== undefined && pathsOf(container, token).includes(file.path)
    }),
  )

/** Reports whether the pods bring their own token for Entra, so that they need no webhook. */
export const mountsOwnToken = (workload: Workload, audience: string): boolean =>
  ownTokensOf(workload).some((token) => token.audience === audience) || usedTokensOf(workload).length > 0

/** Reports whether a container names a token file, which without the label only the manifest itself can mount. */
export const namesTokenFile = (workload: Workload): boolean => containersOf(workload).some(tokenFileOf)

/** Reports whether a mount could contain the file; what is in the volume is unknown unless it is projected. */
const isBelowMount = (container: Container, path: string, volumes: readonly string[]) =>
  mountsOf(container).some(
    ({ name, mountPath }) =>
      !volumes.includes(name) && (path === mountPath || path.startsWith(`${withoutSlash(`${mountPath}`)}/`)),
  )

export const ownTokenComplete: WorkloadRule = {
  code: 'WI228',
  title: 'Pods that mount a token themselves pass it to the SDKs completely',
  inspect(workload) {
    // The webhook completes what is missing.
    if (isLabelled(workload)) return []
    return containersOf(workload).flatMap((container) => {
      const file = tokenFileOf(container)
      if (!file) return []
      return [...fileFindings(workload, container, file), ...variableFindings(workload, container)]
    })
  },
}

function fileFindings(
  workload: Workload,
  container: Container,
  file: { path: string; index: number },
): RuleFinding[] {
  const tokens = ownTokensOf(workload)
  if (tokens.some((token) => pathsOf(container, token).includes(file.path))) return []
  const projected = tokens.map(({ volumeName }) => volumeName)
  if (isBelowMount(container, file.path, projected)) return []
  const [mounted] = tokens.flatMap((token) => pathsOf(container, token))
  const change = mounted === undefined ? undefined : [{ name: tokenFileVariable, value: mounted }]
  return [
    {
      detail: `${workloadTitle(workload)}, container ${container.name}, sets ${tokenFileVariable} to a file that no volume contains`,
      is: file.path,
      should: mounted ?? 'a projected serviceAccountToken, or the label azure.workload.identity/use',
      field: inTemplate(workload, 'spec', container.list, container.index, 'env', file.index),
      edit: mounted === undefined ? `mount a volume with the token at ${file.path}` : `set it to ${mounted}`,
      change: change
        ? { template: { spec: { [container.list]: [{ name: container.name, env: change }] } } }
        : { instruction: `In container ${container.name}, mount a volume with the token at ${file.path}` },
    },
  ]
}

/** A program may pass the IDs to the SDK itself, so these are warnings. */
function variableFindings(workload: Workload, container: Container): RuleFinding[] {
  if (((container.spec.envFrom ?? []) as unknown[]).length) return []
  const names = variablesOf(container).map(({ name }) => name)
  const missing = ['AZURE_CLIENT_ID', 'AZURE_TENANT_ID'].filter((name) => !names.includes(name))
  if (!missing.length) return []
  const list = missing.join(' and ')
  return [
    {
      detail: `${workloadTitle(workload)}, container ${container.name}, sets ${tokenFileVariable}, but not ${list}`,
      is: '(none)',
      should: list,
      field: inTemplate(workload, 'spec', container.list, container.index, 'env'),
      edit: `set ${list}`,
      change: { instruction: `In container ${container.name}, set ${list}` },
      warning: true,
    },
  ]
}
