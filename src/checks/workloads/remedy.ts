import { stringify } from 'yaml'
import { inSequence, instruction, kubectl, piped, type Remedy, type Script } from '../../base/command.ts'
import type { Change, FieldPath, RuleFinding } from './rule.ts'
import { type ManifestLocation, type OpenObject, templatePath, type Workload } from './workload.ts'

/** Returns how to fix a finding: a command for a running workload, the location in the file for a manifest. */
export function remedyFor(workload: Workload, { field, edit, change }: RuleFinding): Remedy {
  const { location, owner } = workload
  if (owner !== undefined && !('run' in change || 'instruction' in change))
    return 'template' in change
      ? instruction`In ${owner}, which creates the pods: ${edit}   (${field.slice(templatePath(workload.kind).length).join('.')} of the pod template)`
      : instruction`Restart the pods of ${owner}`
  if (!location) return fixCommand(workload, change)
  return locatedRemedy(location, field, edit)
}

/** Returns how to edit a field of a manifest, with its location. */
export function locatedRemedy(location: ManifestLocation, field: FieldPath, edit: string): string {
  const document = location.document === undefined ? '' : `, document ${location.document}`
  return `${location.file}:${location.line(field)}${document}: ${edit}   (${location.path(field)})`
}

function fixCommand(workload: Workload, change: Change): Remedy {
  if ('instruction' in change) return change.instruction
  if ('template' in change) return patched(workload, change.template)
  if (!('run' in change)) return restarted(workload)
  return change.restart && workload.pods.length ? inSequence(change.run, restarted(workload)) : change.run
}

/** Returns a value as YAML, to be pasted after its key. */
export const yamlValue = (value: string): string => stringify(value).trimEnd()

const resource = ({ kind, name }: Workload) => `${kind.toLowerCase()}/${name}`

/** Returns the command that waits for a rollout. */
export const rolloutStatus = (workload: Workload) =>
  kubectl(['rollout', 'status', resource(workload)], { namespace: workload.namespace })

/** Returns a pod template's patch as a patch of the object. */
const asObjectPatch = (workload: Workload, template: OpenObject): OpenObject =>
  templatePath(workload.kind).reduceRight<OpenObject>((inner, step) => ({ [step]: inner }), template)

/** Returns the command that recreates a Pod or Job, whose templates are immutable, with a patch. */
const recreate = (workload: Workload, patch: OpenObject) =>
  piped(
    kubectl(['get', resource(workload)], { namespace: workload.namespace, output: 'yaml' }),
    kubectl(['patch', '--local'], { filename: '-', patch: JSON.stringify(patch), output: 'yaml' }),
    kubectl(['replace', '--force'], { namespace: workload.namespace, filename: '-' }),
  )

const controllerLabels = {
  'controller-uid': null,
  'job-name': null,
  'batch.kubernetes.io/controller-uid': null,
  'batch.kubernetes.io/job-name': null,
}

function patched(workload: Workload, template: OpenObject): Script {
  const { kind, object } = workload
  if (kind === 'Pod') return recreate(workload, template)
  if (kind === 'Job') {
    // The server set these labels for the old Job and sets new ones.
    const labels = { ...controllerLabels, ...template.metadata?.labels }
    return recreate(workload, {
      metadata: { labels: controllerLabels },
      spec: { selector: null, template: { ...template, metadata: { ...template.metadata, labels } } },
    })
  }
  const command = kubectl(['patch', resource(workload)], {
    namespace: workload.namespace,
    patch: JSON.stringify(asObjectPatch(workload, template)),
  })
  const needsPodDeletion = kind === 'ReplicaSet' || object.spec?.updateStrategy?.type === 'OnDelete'
  return needsPodDeletion && workload.pods.length ? inSequence(command, deletePods(workload)) : command
}

const deletePods = ({ namespace, pods }: Workload) =>
  kubectl(['delete', ...pods.map(({ metadata }) => `pod/${metadata.name}`)], { namespace })

/** A copied pod contains these injected variables, which would override new ones, so they are removed. */
const removeInjected = [
  'AZURE_CLIENT_ID',
  'AZURE_TENANT_ID',
  'AZURE_FEDERATED_TOKEN_FILE',
  'AZURE_AUTHORITY_HOST',
].map((name) => ({ name, $patch: 'delete' }))

function restarted(workload: Workload): Script {
  const { kind, object, pods } = workload
  if (kind === 'Pod') {
    const list = (name: 'containers' | 'initContainers') => {
      const all = (pods[0]?.spec?.[name] ?? []) as OpenObject[]
      const cleaned = all
        .map((each) => ({
          name: each.name,
          env: removeInjected.filter((one) =>
            (each.env ?? []).some((env: OpenObject) => env.name === one.name),
          ),
        }))
        .filter(({ env }) => env.length)
      return cleaned.length ? { [name]: cleaned } : {}
    }
    return recreate(workload, { spec: { ...list('containers'), ...list('initContainers') } })
  }
  if (kind === 'Job') return patched(workload, {})
  if (kind === 'ReplicaSet' || object.spec?.updateStrategy?.type === 'OnDelete') return deletePods(workload)
  return kubectl(['rollout', 'restart', resource(workload)], { namespace: workload.namespace })
}
