import { kubectl } from '../../base/command.ts'
import { findKnownImage } from './known-images.ts'
import {
  firstTokenFolder,
  hasOldPath,
  newTokenPath,
  oldTokenFolder,
  withNewPath,
  withVariable,
} from './replace-token-path.ts'
import {
  type FieldPath,
  inTemplate,
  isAtLeast,
  type LintContext,
  type RuleFinding,
  type WorkloadRule,
} from './rule.ts'
import {
  type Container,
  containersOf,
  labelsOf,
  type OpenObject,
  podSpecOf,
  useLabel,
  type Workload,
  workloadTitle,
} from './workload.ts'

const movedInVersion = '1.6'
const powerShell = /(?:^|[\\/])(?:pwsh|powershell)(?:\.exe)?$/i

export const noOldTokenPath: WorkloadRule = {
  code: 'WI207',
  title: "The containers don't use the token path of webhooks before 1.6",
  needs: ['webhook'],
  inspect(workload, context) {
    if (labelsOf(workload)[useLabel] === undefined) return []
    if (context.webhookVersion !== undefined && !isAtLeast(context.webhookVersion, movedInVersion)) return []
    return containersOf(workload)
      .filter((container) => !mountsOldPath(container))
      .flatMap((container) => [
        ...inEnvironment(workload, container),
        ...inCommand(workload, container),
        ...inConfigMaps(workload, container, context),
        ...inImage(workload, container),
      ])
  },
}

/** Reports whether a container mounts its own volume at the old path. */
const mountsOldPath = ({ spec }: Container) =>
  ((spec.volumeMounts ?? []) as OpenObject[]).some(({ mountPath }) =>
    [oldTokenFolder, firstTokenFolder].some((folder) => folder.startsWith(mountPath ?? '-')),
  )

const describePath = (workload: Workload, container: Container, where: string) =>
  `${workloadTitle(workload)}, container ${container.name}: ${where} contains the token path that webhook 1.6 changed`

const fieldOf = (workload: Workload, { list, index }: Container, ...path: FieldPath) =>
  inTemplate(workload, 'spec', list, index, ...path)

function inEnvironment(workload: Workload, container: Container): RuleFinding[] {
  return ((container.spec.env ?? []) as OpenObject[]).flatMap((env, index) => {
    if (!hasOldPath(env.value)) return []
    // The webhook sets this variable unless the container does.
    const isInjected = env.name === 'AZURE_FEDERATED_TOKEN_FILE'
    // WI215 covers other values of this variable.
    if (isInjected && !env.value.startsWith(oldTokenFolder)) return []
    const patch = isInjected
      ? { name: env.name, $patch: 'delete' }
      : { name: env.name, value: withNewPath(env.value) }
    return [
      {
        detail: describePath(workload, container, env.name),
        is: env.value,
        should: isInjected ? '(from the webhook)' : patch.value!,
        field: fieldOf(workload, container, 'env', index),
        edit: isInjected ? 'remove it; the webhook sets it' : 'read AZURE_FEDERATED_TOKEN_FILE instead',
        change: { template: { spec: { [container.list]: [{ name: container.name, env: [patch] }] } } },
      },
    ]
  })
}

/** Finds the old path in command and args. One patch fixes all entries; in a manifest, each has its own line. */
function inCommand(workload: Workload, container: Container): RuleFinding[] {
  const { command = [], args = [] } = container.spec as { command?: unknown[]; args?: unknown[] }
  const isPowerShell = [...command, ...args].some((text) => powerShell.test(String(text)))
  return (['command', 'args'] as const).flatMap((field): RuleFinding[] => {
    const texts = (container.spec[field] ?? []) as unknown[]
    const old = [...texts.keys()].filter((index) => hasOldPath(texts[index]))
    const corrected = texts.map((text) => withVariable(String(text), isPowerShell))
    return (workload.location ? old : old.slice(0, 1)).map((index) => ({
      detail: describePath(workload, container, field),
      is: String(texts[index]),
      should: corrected[index]!,
      field: fieldOf(workload, container, field, index),
      edit: `change it to ${corrected[index]}`,
      change: {
        template: { spec: { [container.list]: [{ name: container.name, [field]: corrected }] } },
      },
    }))
  })
}

/** Returns the names of the ConfigMaps that a container mounts or reads variables from. */
export function configMapsOf(workload: Workload, { spec }: Container): string[] {
  const volumes = (podSpecOf(workload).volumes ?? []) as OpenObject[]
  const mounted = new Set(((spec.volumeMounts ?? []) as OpenObject[]).map(({ name }) => name))
  const names = [
    ...volumes
      .filter(({ name }) => mounted.has(name))
      .flatMap(({ configMap, projected }) => [
        configMap?.name,
        ...((projected?.sources ?? []) as OpenObject[]).map((each) => each.configMap?.name),
      ]),
    ...((spec.envFrom ?? []) as OpenObject[]).map((each) => each.configMapRef?.name),
    ...((spec.env ?? []) as OpenObject[]).map((each) => each.valueFrom?.configMapKeyRef?.name),
  ]
  return [...new Set(names.filter((name): name is string => name !== undefined))]
}

function inConfigMaps(workload: Workload, container: Container, context: LintContext): RuleFinding[] {
  return configMapsOf(workload, container).flatMap((name): RuleFinding[] => {
    const found = context.configMap(workload.namespace, name)
    if (found === 'unknown') return []
    const [field] = Object.entries(found.data ?? {}).find(([, text]) => hasOldPath(text)) ?? []
    if (field === undefined) return []
    const text = String(found.data[field])
    const data = { [field]: withNewPath(text) }
    return [
      {
        detail: describePath(workload, container, `key ${field} of ConfigMap ${name}`),
        is: text.split('\n').find(hasOldPath)!.trim(),
        should: 'the value of AZURE_FEDERATED_TOKEN_FILE',
        field: fieldOf(workload, container),
        edit: `in ConfigMap ${name}, use ${newTokenPath}, or better, read AZURE_FEDERATED_TOKEN_FILE`,
        change: {
          run: kubectl(['patch', `configmap/${name}`], {
            namespace: workload.namespace,
            type: 'merge',
            patch: JSON.stringify({ data }),
          }),
          restart: true,
        },
      },
    ]
  })
}

function inImage(workload: Workload, container: Container): RuleFinding[] {
  const image = findKnownImage(String(container.spec.image ?? ''))
  if (!image) return []
  return [
    {
      detail: `${workloadTitle(workload)}, container ${container.name}: ${image.what}`,
      is: String(container.spec.image),
      should: image.should,
      field: fieldOf(workload, container, 'image'),
      edit: image.remedy,
      change: { instruction: image.remedy },
      warning: true,
    },
  ]
}
