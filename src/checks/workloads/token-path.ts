import { quoted } from '../../base/shell.ts'
import { fixedPathIn } from './known-images.ts'
import { type Around, type Fault, inTemplate, isAtLeast, type Path, type Rule } from './rule.ts'
import {
  type Container,
  containersOf,
  labelsOf,
  type Open,
  podSpecOf,
  titleOf,
  useKey,
  type Workload,
} from './workload.ts'

/** Where the webhook put the token before 1.6.0; since then the folder is another, and may change again. */
export const oldTokenFolder = '/var/run/secrets/azure/tokens'
const movedWith = '1.6'
const variable = '$(AZURE_FEDERATED_TOKEN_FILE)'

export const noOldTokenPath: Rule = {
  code: 'WI207',
  title: "Nobody reads the token at the old webhook's path",
  needs: ['webhook'],
  look(workload, around) {
    if (labelsOf(workload)[useKey] === undefined) return []
    if (around.webhook !== undefined && !isAtLeast(around.webhook, movedWith)) return []
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
const mountsThere = ({ of }: Container) =>
  ((of.volumeMounts ?? []) as Open[]).some(({ mountPath }) => oldTokenFolder.startsWith(mountPath ?? '-'))

const isOld = (value: unknown): value is string => typeof value === 'string' && value.includes(oldTokenFolder)

const said = (workload: Workload, container: Container, where: string) =>
  `${titleOf(workload)}, container ${container.name}: ${where} has the path that the webhook left with 1.6`

const place = (workload: Workload, { list, index }: Container, ...path: Path) =>
  inTemplate(workload, 'spec', list, index, ...path)

function inEnvironment(workload: Workload, container: Container): Fault[] {
  return ((container.of.env ?? []) as Open[]).flatMap((env, index) => {
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
        at: place(workload, container, 'env', index),
        edit: own ? 'take it away; the webhook sets it' : 'read AZURE_FEDERATED_TOKEN_FILE instead',
        change: { template: { spec: { [container.list]: [{ name: container.name, env: [patch] }] } } },
      },
    ]
  })
}

const newTokenPath = '/var/run/secrets/azure/wi/token/azure-identity-token'

/** Kubernetes fills the variables of a container into its command and arguments, also those that the webhook has given. */
function inCommand(workload: Workload, container: Container): Fault[] {
  return (['command', 'args'] as const).flatMap((field): Fault[] => {
    const words = (container.of[field] ?? []) as unknown[]
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
        at: place(workload, container, field, index),
        edit: `write ${next[index]}`,
        change: {
          template: { spec: { [container.list]: [{ name: container.name, [field]: next }] } },
        },
      },
    ]
  })
}

/** Names of the ConfigMaps that a container gets, as files or as variables. */
export function configMapsOf(workload: Workload, { of }: Container): string[] {
  const volumes = (podSpecOf(workload).volumes ?? []) as Open[]
  const mounted = new Set(((of.volumeMounts ?? []) as Open[]).map(({ name }) => name))
  const names = [
    ...volumes
      .filter(({ name }) => mounted.has(name))
      .flatMap(({ configMap, projected }) => [
        configMap?.name,
        ...((projected?.sources ?? []) as Open[]).map((each) => each.configMap?.name),
      ]),
    ...((of.envFrom ?? []) as Open[]).map((each) => each.configMapRef?.name),
    ...((of.env ?? []) as Open[]).map((each) => each.valueFrom?.configMapKeyRef?.name),
  ]
  return [...new Set(names.filter((name): name is string => name !== undefined))]
}

function inConfigMaps(workload: Workload, container: Container, around: Around): Fault[] {
  return configMapsOf(workload, container).flatMap((name): Fault[] => {
    const found = around.config(workload.namespace, name)
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
        at: place(workload, container),
        edit: `in the ConfigMap ${name} write ${newTokenPath}, or better read AZURE_FEDERATED_TOKEN_FILE`,
        change: {
          run: `kubectl -n ${quoted(workload.namespace)} patch configmap ${quoted(name)} --type merge -p ${quoted(JSON.stringify({ data }))}`,
          restart: true,
        },
      },
    ]
  })
}

function inImage(workload: Workload, container: Container): Fault[] {
  const known = fixedPathIn(String(container.of.image ?? ''))
  if (!known) return []
  return [
    {
      detail: `${titleOf(workload)}, container ${container.name}: ${known.what}`,
      is: String(container.of.image),
      should: known.should,
      at: place(workload, container, 'image'),
      edit: known.remedy,
      change: { words: known.remedy },
      warning: true,
    },
  ]
}
