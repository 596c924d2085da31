import type { KubeObject } from '../../clients/kubernetes.ts'
import { argoWorkflow } from './argo-workflow.ts'
import { cloudNativePg } from './cloudnative-pg.ts'
import { configurationSecret } from './configuration-secrets.ts'
import { crossplaneConfig, crossplaneNamespacedConfig } from './crossplane-config.ts'
import { crossplaneRuntime } from './crossplane-runtime.ts'
import { asoCredential, crossplaneCredential } from './federated-credential.ts'
import { fluxImages, fluxSource } from './flux-source.ts'
import { issuer } from './issuer.ts'
import type { ObjectKind } from './object-kind.ts'
import { cloneSet, knativeService, rollout, runnerSet, scaledJob } from './pod-templates.ts'
import { prometheus } from './prometheus.ts'
import { pulumiStack, pulumiWorkspace } from './pulumi.ts'
import { secretProviderClass } from './secret-provider-class.ts'
import { secretStore } from './secret-store.ts'
import { sparkApplication } from './spark.ts'
import { strimzi } from './strimzi.ts'
import { triggerAuthentication } from './trigger-authentication.ts'
import { veleroLocation } from './velero.ts'

/** All kinds of other controllers whose workload identity settings are judged. To add a kind, add one line here. */
export const objectKinds: readonly ObjectKind[] = [
  secretProviderClass,
  secretStore,
  triggerAuthentication,
  issuer,
  cloudNativePg,
  prometheus,
  crossplaneConfig,
  crossplaneNamespacedConfig,
  crossplaneRuntime,
  asoCredential,
  crossplaneCredential,
  fluxSource,
  fluxImages,
  veleroLocation,
  rollout,
  knativeService,
  scaledJob,
  cloneSet,
  runnerSet,
  argoWorkflow,
  sparkApplication,
  pulumiStack,
  pulumiWorkspace,
  strimzi,
  configurationSecret,
]

/** Returns the kind of an object, whatever version of its API it has. */
export const objectKindOf = ({
  apiVersion,
  kind,
}: Pick<KubeObject, 'apiVersion' | 'kind'>): ObjectKind | undefined => {
  const group = `${apiVersion ?? ''}`.includes('/') ? `${apiVersion}`.replace(/\/.*/, '') : ''
  return objectKinds.find((each) => each.group === group && Object.hasOwn(each.kinds, kind))
}
