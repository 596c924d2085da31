import { isDeepStrictEqual } from 'node:util'
import { ActionRequiredError } from '../base/action-required.ts'
import { sha256 } from '../base/sha256.ts'
import type { KubeObject } from '../clients/kubernetes.ts'
import {
  absent,
  compared,
  type Difference,
  differs,
  nothingToRemove,
  notManaged,
  removable,
  retained,
  step,
} from '../engine/step.ts'
import { nodeImage } from '../settings/pinned.ts'
import type { Settings } from '../settings/settings.ts'
import { cluster } from './cluster.ts'
import { findDrift } from './find-drift.ts'
import { hasOwnershipLabel, ownershipLabel } from './ownership-label.ts'
import { sampleKinds, sampleManifests, sampleName } from './sample-manifests.ts'
import { serviceAccount } from './service-account.ts'
import { vault } from './vault.ts'
import { webhook } from './webhook.ts'

const hashKey = 'wi-setup/manifest'

/** The sample: a stock Node.js image runs a script that exchanges its token, reads the secret and serves it. */
export const sample = step<{ namespace: string; service: string }>()({
  id: 'sample',
  title: 'sample',
  command: 'sample',
  uses: ['namespace', 'serviceAccount', 'secret', 'os', 'sampleImage'],
  needs: { cluster, serviceAccount, webhook, vault },
  usualDuration: 'about 30 s',
  waitingFor: 'for its pod to be ready',
  readyTimeoutMs: 300_000,
  label: () => sampleName,
  async inspect({ settings, cluster, serviceAccount, vault, kubernetes }) {
    if (!cluster.connection || !serviceAccount.name) return absent(undefined, planDetails(settings))
    const kube = kubernetes(cluster.connection)
    const objects = await Promise.all(
      sampleKinds.map(([kind]) => kube.get(kind, sampleName, settings.namespace)),
    )
    if (objects.every((object) => object === undefined)) return absent(undefined, planDetails(settings))
    const foreign = objects.find((object) => object && !hasOwnershipLabel(object))
    if (foreign)
      throw new ActionRequiredError(
        `${foreign.kind} ${settings.namespace}/${sampleName} already exists and was not created by wi-setup`,
        'Pass --no-sample, or choose another --namespace',
      )
    const wants = sampleManifests(settings, vault.uri ?? '', `${serviceAccount.clientId} ${cluster.issuer}`)
    const deployment = objects.find((object) => object?.kind === 'Deployment')
    return compared({ namespace: settings.namespace, service: sampleName }, true, [
      ...sampleKinds.flatMap(([, field], index) => {
        const object = objects[index]
        const want = wants[index]!
        const other = differs(
          field,
          object?.metadata.annotations?.[hashKey] ?? (object ? '(changed)' : undefined),
          hashOf(want),
        )
        if (other) return [other]
        // Same manifest: report fields that were changed since.
        return want.kind === 'NetworkPolicy'
          ? findPolicyDrift(field, want, object)
          : findDrift(field, want, object)
      }),
      deployment && !isAvailable(deployment) && { field: 'ready pods', is: '0', want: '1' },
    ])
  },
  async apply({ settings, cluster, vault, serviceAccount, kubernetes }, found) {
    if (found.state === 'drifted' && found.diff.every(({ field }) => field === 'ready pods')) return
    const kube = kubernetes(cluster.connection)
    // The objects carry our label, so changes by others are overwritten.
    for (const object of sampleManifests(settings, vault.uri, `${serviceAccount.clientId} ${cluster.issuer}`))
      await kube.apply(withOwnership(object), { force: found.state === 'drifted' })
  },
  within: () => 'cluster',
  async removability({ settings, cluster, kubernetes }) {
    if (!cluster.connection) return nothingToRemove
    const kube = kubernetes(cluster.connection)
    const all = await Promise.all(sampleKinds.map(([kind]) => kube.get(kind, sampleName, settings.namespace)))
    const found = all.filter((object) => object !== undefined)
    if (found.length === 0) return nothingToRemove
    if (!found.every(hasOwnershipLabel)) return retained({}, notManaged)
    const deployment = found.find(({ kind }) => kind === 'Deployment')
    const account = deployment?.spec?.template?.spec?.serviceAccountName as string | undefined
    return account === undefined || account === settings.serviceAccount
      ? removable({})
      : retained({}, `it belongs to the service account ${account}`)
  },
  async remove({ settings, cluster, kubernetes }) {
    for (const [kind] of sampleKinds.toReversed())
      await kubernetes(cluster.connection).remove(kind, sampleName, settings.namespace)
  },
})

type SampleDetails = Pick<Settings, 'secret' | 'sampleImage'>

/** Details of a new sample in the plan. */
const planDetails = ({ secret, sampleImage = nodeImage }: SampleDetails): [string, string][] => [
  ['image', sampleImage.replace(/(?<=@sha256:[0-9a-f]{12})[0-9a-f]+$/, '…')],
  ['serves', `${secret}, in the cluster (or --no-sample)`],
]

/** A rule that was added to the policy admits more, so the specs must be equal. */
function findPolicyDrift(field: string, want: KubeObject, live: KubeObject | undefined): Difference[] {
  const drift = findDrift(field, want, live)
  return drift.length || isDeepStrictEqual(want.spec, live?.spec)
    ? drift
    : [{ field: `${field} spec`, is: '(changed)', want: '(as created)' }]
}

const isAvailable = ({ status, metadata }: KubeObject) =>
  (status?.availableReplicas ?? 0) >= 1 &&
  (status?.observedGeneration ?? 0) >= (metadata.generation as number) &&
  (status?.unavailableReplicas ?? 0) === 0

const hashOf = (object: KubeObject) => sha256(JSON.stringify(object)).toString('hex').slice(0, 12)

const withOwnership = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    labels: { ...object.metadata.labels, ...ownershipLabel },
    annotations: { [hashKey]: hashOf(object) },
  },
})
