import type { KubeObject } from '../../clients/kubernetes.ts'
import type { FieldPath } from '../workloads/rule.ts'
import { templatePath } from '../workloads/workload.ts'
import { clientIdFindings, patchAt, textAt, valueAt } from './fields.ts'
import type { ObjectContext, ObjectFinding, ObjectKind } from './object-kind.ts'

/** Where a TriggerAuthentication says how KEDA signs in: for the scaler, and for reading its secrets. */
const podIdentities = [
  ['spec', 'podIdentity'],
  ['spec', 'azureKeyVault', 'podIdentity'],
] as const

const workloadProvider = 'azure-workload'

const providerOf = (object: KubeObject, path: FieldPath) => textAt(object, [...path, 'provider'])

/** KEDA always uses the service account of its own operator, whatever identity is named. */
export const triggerAuthentication: ObjectKind = {
  group: 'keda.sh',
  kinds: {
    TriggerAuthentication: 'triggerauthentications',
    ClusterTriggerAuthentication: 'clustertriggerauthentications',
  },
  clusterScoped: ['ClusterTriggerAuthentication'],
  uses: (object) =>
    podIdentities.some((path) => /^azure|^workload[-_ ]?identity$/i.test(providerOf(object, path) ?? '')),
  inspect: (object, context) => podIdentities.flatMap((path) => inspectPodIdentity(object, path, context)),
}

function inspectPodIdentity(
  object: KubeObject,
  path: FieldPath,
  context: Pick<ObjectContext, 'workloads'>,
): ObjectFinding[] {
  const provider = providerOf(object, path)
  if (provider === undefined || !/^azure|^workload/i.test(provider)) return []
  if (provider !== workloadProvider) {
    const field = [...path, 'provider']
    const removed = provider === 'azure' ? isRemovedIn(context) : true
    if (removed === false) return []
    return [
      {
        about: 'settings',
        detail:
          provider === 'azure'
            ? `asks for the pod-managed identity, which KEDA ${removed ? 'has' : '2.15 and later have'} removed`
            : 'has a pod identity provider that KEDA does not know',
        ...(removed === undefined ? { warning: true } : {}),
        is: provider,
        should: workloadProvider,
        field,
        edit: `set provider: ${workloadProvider}`,
        patch: patchAt(field, workloadProvider),
      },
    ]
  }
  const empty = ['identityId', 'identityTenantId'].filter((key) => valueAt(object, [...path, key]) === '')
  return [
    ...empty.map(
      (key): ObjectFinding => ({
        about: 'settings',
        detail: `has an empty ${key}, which KEDA rejects`,
        is: '""',
        should: '(none, or an ID)',
        field: [...path, key],
        edit: 'remove it',
        patch: patchAt([...path, key], null),
      }),
    ),
    ...clientIdFindings(object, [...path, 'identityId']),
    ...dependencyFindings(object, path),
  ]
}

/** Returns whether the version of KEDA beside the object lacks pod-managed identity; undefined if it isn't known. */
function isRemovedIn({ workloads }: Pick<ObjectContext, 'workloads'>): boolean | undefined {
  const images = workloads.flatMap(({ kind, object }) =>
    containersOf(valueAt(object, [...templatePath(kind), 'spec', 'containers'])),
  )
  const [, major, minor] = images.map((image) => kedaImage.exec(image)).find((match) => match) ?? []
  return major === undefined ? undefined : Number(major) > 2 || Number(minor) >= 15
}

const kedaImage = /\/keda:v?(\d{1,3})\.(\d{1,3})/

const containersOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.map((each) => String(each?.image ?? '')) : []

/** KEDA reads the authority only with a tenant, and the tenant only with an identity. */
const dependencyFindings = (object: KubeObject, path: FieldPath): ObjectFinding[] =>
  [
    ['identityAuthorityHost', 'identityTenantId'],
    ['identityTenantId', 'identityId'],
  ].flatMap(([key = '', needed = '']): ObjectFinding[] => {
    if (textAt(object, [...path, key]) === undefined || textAt(object, [...path, needed]) !== undefined)
      return []
    return [
      {
        about: 'settings',
        detail: `has ${key} without ${needed}`,
        is: '(none)',
        should: needed,
        field: [...path, key],
        edit: `set ${needed}, or remove ${key}`,
        patch: patchAt([...path, key], null),
      },
    ]
  })
