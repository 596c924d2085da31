import { quoted } from '../../base/shell.ts'
import { findKnownImage } from './known-images.ts'
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

/** Where the webhook put the token before 1.6.0; since then the folder is another, and may change again. */
export const oldTokenFolder = '/var/run/secrets/azure/tokens'
const movedWith = '1.6'
const variable = '$(AZURE_FEDERATED_TOKEN_FILE)'

export const noOldTokenPath: WorkloadRule = {
  code: 'WI207',
  title: "Nobody reads the token at the old webhook's path",
  needs: ['webhook'],
  inspect(workload, around) {
    if (labelsOf(workload)[useLabel] === undefined) return []
    if (around.webhookVersion !== undefined && !isAtLeast(around.webhookVersion, movedWith)) return []
    return containersOf(workload)
      .filter((container) => !mountsThere(container))
      .flatMap((container) => [
        ...inEnvironment(workload, container),
        ...inCommand(workload, container),
        ...inConfigMaps(workload, container, around),
        ...inImage(workload, container),
      ])
  },
}

/** Who mounts a token there itself may read it there. */
const mountsThere = ({ spec }: Container) =>
  ((spec.volumeMounts ?? []) as OpenObject[]).some(({ mountPath }) =>
    oldTokenFolder.startsWith(mountPath ?? '-'),
  )

const isOld = (value: unknown): value is string => typeof value === 'string' && value.includes(oldTokenFolder)

const said = (workload: Workload, container: Container, where: string) =>
  `${workloadTitle(workload)}, container ${container.name}: ${where} has the path that the webhook left with 1.6`

const place = (workload: Workload, { list, index }: Container, ...path: FieldPath) =>
  inTemplate(workload, 'spec', list, index, ...path)

function inEnvironment(workload: Workload, container: Container): RuleFinding[] {
  return ((container.spec.env ?? []) as OpenObject[]).flatMap((env, index) => {
    if (!isOld(env.value)) return []
    // The webhook sets that one itself, unless it is there already.
    const own = env.name === 'AZURE_FEDERATED_TOKEN_FILE'
    const patch = own
      ? { name: env.name, $patch: 'delete' }
      : { name: env.name, value: env.value.replace(/\/var\/run\/secrets\/azure\/tokens\S*/, newTokenPath) }
    return [
      {
        detail: said(workload, container, env.name),
        is: env.value,
        should: own ? '(from the webhook)' : patch.value!,
        field: place(workload, container, 'env', index),
        edit: own ? 'take it away; the webhook sets it' : 'read AZURE_FEDERATED_TOKEN_FILE instead',
        change: { template: { spec: { [container.list]: [{ name: container.name, env: [patch] }] } } },
      },
    ]
  })
}

const newTokenPath = '/var/run/secrets/azure/wi/token/azure-identity-token'

/** Kubernetes fills the variables of a container into its command and arguments, also those that the webhook has given. */
function inCommand(workload: Workload, container: Container): RuleFinding[] {
  return (['command', 'args'] as const).flatMap((field): RuleFinding[] => {
    const words = (container.spec[field] ?? []) as unknown[]
    const index = words.findIndex(isOld)
    if (index < 0) return []
    const next = words.map((word) =>
      String(word).replaceAll(/\/var\/run\/secrets\/azure\/tokens[^\s'"]*/g, variable),
    )
    return [
      {
        detail: said(workload, container, field),
        is: String(words[index]),
        should: next[index]!,
        field: place(workload, container, field, index),
        edit: `write ${next[index]}`,
        change: {
          template: { spec: { [container.list]: [{ name: container.name, [field]: next }] } },
        },
      },
    ]
  })
}

/** Names of the ConfigMaps that a container gets, as files or as variables. */
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

function inConfigMaps(workload: Workload, container: Container, around: LintContext): RuleFinding[] {
  return configMapsOf(workload, container).flatMap((name): RuleFinding[] => {
    const found = around.configMap(workload.namespace, name)
    if (found === 'unknown') return []
    const [field] = Object.entries(found.data ?? {}).find(([, text]) => isOld(text)) ?? []
    if (field === undefined) return []
    const text = String(found.data[field])
    const data = { [field]: text.replaceAll(/\/var\/run\/secrets\/azure\/tokens[^\s'"]*/g, newTokenPath) }
    return [
      {
        detail: said(workload, container, `the ConfigMap ${name}, key ${field},`),
        is: text.split('\n').find(isOld)!.trim(),
        should: 'the value of AZURE_FEDERATED_TOKEN_FILE',
        field: place(workload, container),
        edit: `in the ConfigMap ${name} write ${newTokenPath}, or better read AZURE_FEDERATED_TOKEN_FILE`,
        change: {
          run: `kubectl -n ${quoted(workload.namespace)} patch configmap ${quoted(name)} --type merge -p ${quoted(JSON.stringify({ data }))}`,
          restart: true,
        },
      },
    ]
  })
}

function inImage(workload: Workload, container: Container): RuleFinding[] {
  const known = findKnownImage(String(container.spec.image ?? ''))
  if (!known) return []
  return [
    {
      detail: `${workloadTitle(workload)}, container ${container.name}: ${known.what}`,
      is: String(container.spec.image),
      should: known.should,
      field: place(workload, container, 'image'),
      edit: known.remedy,
      change: { words: known.remedy },
      warning: true,
    },
  ]
}
