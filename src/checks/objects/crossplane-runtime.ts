import { accountAt, podOwner } from './pod-owner.ts'

/** How Crossplane runs the pods of a provider. */
export const crossplaneRuntime = podOwner({
  group: 'pkg.crossplane.io',
  kinds: { DeploymentRuntimeConfig: 'deploymentruntimeconfigs' },
  clusterScoped: ['DeploymentRuntimeConfig'],
  labels: () => [['spec', 'deploymentTemplate', 'spec', 'template', 'metadata', 'labels']],
  account: accountAt('spec', 'serviceAccountTemplate', 'metadata', 'name'),
  accountAnnotations: ['spec', 'serviceAccountTemplate', 'metadata', 'annotations'],
})
