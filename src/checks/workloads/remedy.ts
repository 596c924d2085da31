import { quoted } from '../../base/shell.ts'
import type { Change, RuleFinding } from './rule.ts'
import { type OpenObject, templatePath, type Workload } from './workload.ts'

/** What mends it: a command where the workload runs, the place in the file for a manifest. */
export function remedyFor(workload: Workload, { field, edit, change }: RuleFinding): string {
  const { location, owner } = workload
  if (owner !== undefined && !('run' in change || 'words' in change))
    return 'template' in change
      ? `In ${owner}, which makes its pods: ${edit}   (${field.slice(templatePath(workload.kind).length).join('.')} of its pod template)`
      : `Let ${owner} make its pods anew`
  if (!location) return live(workload, change)
  const document = location.document === undefined ? '' : `, document ${location.document}`
  return `${location.file}:${location.line(field)}${document}: ${edit}   (${location.path(field)})`
}

function live(workload: Workload, change: Change): string {
  if ('words' in change) return change.words
  if ('template' in change) return patched(workload, change.template)
  if (!('run' in change)) return restarted(workload)
  return change.restart && workload.pods.length ? `${change.run} && ${restarted(workload)}` : change.run
}

const kubectl = ({ namespace }: Workload, ...words: string[]) =>
  ['kubectl', '-n', quoted(namespace), ...words].join(' ')

const json = (value: unknown) => `'${JSON.stringify(value).replaceAll("'", "'\\''")}'`

const named = ({ kind, name }: Workload) => `${kind.toLowerCase()}/${quoted(name)}`

/** Waits for pods that are being made anew. */
export const rolloutStatus = (workload: Workload) => kubectl(workload, 'rollout', 'status', named(workload))

/** The patch of a template as a patch of the whole object. */
const wrapped = (workload: Workload, template: OpenObject): OpenObject =>
  templatePath(workload.kind).reduceRight<OpenObject>((inner, step) => ({ [step]: inner }), template)

/** A pod and a job's template are as they were made: only a new one is another. */
const anew = (workload: Workload, patch: OpenObject) =>
  [
    kubectl(workload, 'get', named(workload), '-o', 'yaml'),
    `kubectl patch --local -f - -p ${json(patch)} -o yaml`,
    kubectl(workload, 'replace', '--force', '-f', '-'),
  ].join(' | ')

const ofController = {
  'controller-uid': null,
  'job-name': null,
  'batch.kubernetes.io/controller-uid': null,
  'batch.kubernetes.io/job-name': null,
}

function patched(workload: Workload, template: OpenObject): string {
  const { kind, object } = workload
  if (kind === 'Pod') return anew(workload, template)
  if (kind === 'Job') {
    // The server put them there for the old job, and makes new ones.
    const labels = { ...ofController, ...template.metadata?.labels }
    return anew(workload, {
      metadata: { labels: ofController },
      spec: { selector: null, template: { ...template, metadata: { ...template.metadata, labels } } },
    })
  }
  const command = kubectl(
    workload,
    'patch',
    kind.toLowerCase(),
    quoted(workload.name),
    '-p',
    json(wrapped(workload, template)),
  )
  const byHand = kind === 'ReplicaSet' || object.spec?.updateStrategy?.type === 'OnDelete'
  return byHand && workload.pods.length ? `${command} && ${withoutPods(workload)}` : command
}

const withoutPods = (workload: Workload) => {
  const labels = Object.entries(workload.object.spec?.selector?.matchLabels ?? {})
  return kubectl(
    workload,
    'delete',
    'pod',
    '-l',
    quoted(labels.map(([key, value]) => `${key}=${value}`).join(',')),
  )
}

/** What the webhook has put into a pod stays in its copy, and would win: it is taken out. */
const injected = [
  'AZURE_CLIENT_ID',
  'AZURE_TENANT_ID',
  'AZURE_FEDERATED_TOKEN_FILE',
  'AZURE_AUTHORITY_HOST',
].map((name) => ({ name, $patch: 'delete' }))

function restarted(workload: Workload): string {
  const { kind, object, pods } = workload
  if (kind === 'Pod') {
    const list = (name: 'containers' | 'initContainers') => {
      const all = (pods[0]?.spec?.[name] ?? []) as OpenObject[]
      const cleaned = all
        .map((each) => ({
          name: each.name,
          env: injected.filter((one) => (each.env ?? []).some((env: OpenObject) => env.name === one.name)),
        }))
        .filter(({ env }) => env.length)
      return cleaned.length ? { [name]: cleaned } : {}
    }
    return anew(workload, { spec: { ...list('containers'), ...list('initContainers') } })
  }
  if (kind === 'Job') return patched(workload, {})
  if (kind === 'ReplicaSet' || object.spec?.updateStrategy?.type === 'OnDelete') return withoutPods(workload)
  return kubectl(workload, 'rollout', 'restart', named(workload))
}
