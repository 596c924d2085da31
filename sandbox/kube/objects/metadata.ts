import type { JsonObject, StoredObject } from '../state.ts'
import { isMap } from './patches.ts'
import type { ApiResource } from './resources.ts'

const kindsWithGeneration = new Set([
  'CustomResourceDefinition',
  'Deployment',
  'ReplicaSet',
  'Job',
  'Pod',
  'PodDisruptionBudget',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
  'Ingress',
  'NetworkPolicy',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
])

/** True for a kind whose `metadata.generation` counts changes of its content. */
export const hasGeneration = ({ kind, custom }: ApiResource): boolean =>
  custom !== undefined || kindsWithGeneration.has(kind)

const isNonEmpty = (map: unknown) => isMap(map) && Object.keys(map).length > 0

/** Returns the metadata that clients write, without empty members. */
export const writableMetadata = ({
  labels,
  annotations,
  ownerReferences,
  finalizers,
}: JsonObject): JsonObject => ({
  ...(isNonEmpty(labels) ? { labels } : {}),
  ...(isNonEmpty(annotations) ? { annotations } : {}),
  ...(ownerReferences?.length ? { ownerReferences } : {}),
  ...(finalizers?.length ? { finalizers } : {}),
})

export function setManagedFields(object: StoredObject, managedFields: JsonObject[]): void {
  if (managedFields.length) object.metadata.managedFields = managedFields
}
