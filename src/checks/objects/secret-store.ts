import { withFlag } from '../../base/command.ts'
import type { KubeObject } from '../../clients/kubernetes.ts'
import { clientIdKey, tenantIdKey } from '../../steps/service-account.ts'
import type { OpenObject } from '../workloads/workload.ts'
import { mapAt, patchAt, textAt } from './fields.ts'
import type { AccountReference, ObjectContext, ObjectFinding, ObjectKind } from './object-kind.ts'

const settings = ['spec', 'provider', 'azurekv'] as const
const accountField = [...settings, 'serviceAccountRef'] as const

const authTypeOf = (object: OpenObject) => textAt(object, [...settings, 'authType'])

const isMeant = (authType: string | undefined) => /^workload[-_ ]?identity$/i.test(authType ?? '')

/** The account that the store names. A cluster store without a namespace takes that of the ExternalSecret. */
function accountOf(object: KubeObject): AccountReference | undefined {
  const name = textAt(object, [...accountField, 'name'])
  const own = textAt(object, [...accountField, 'namespace'])
  const namespace = object.kind === 'SecretStore' ? object.metadata.namespace : own
  return name === undefined || namespace === undefined ? undefined : { namespace, name }
}

/** A store of External Secrets, for Key Vault. Without serviceAccountRef, it uses the operator's own identity. */
export const secretStore: ObjectKind = {
  group: 'external-secrets.io',
  kinds: { SecretStore: 'secretstores', ClusterSecretStore: 'clustersecretstores' },
  clusterScoped: ['ClusterSecretStore'],
  uses: (object) => isMeant(authTypeOf(object)) || textAt(object, [...accountField, 'name']) !== undefined,
  accounts: (object) => [accountOf(object) ?? []].flat(),
  inspect: (object, context) => [
    ...authTypeFindings(object),
    ...namespaceFindings(object),
    ...accountFindings(object, context),
    ...vaultFindings(object),
  ],
}

function authTypeFindings(object: KubeObject): ObjectFinding[] {
  const authType = authTypeOf(object)
  if (authType === 'WorkloadIdentity') return []
  const usesSecret = Object.keys(mapAt(object, [...settings, 'authSecretRef'])).length > 0
  const field = [...settings, 'authType']
  return [
    {
      about: 'settings',
      detail: isMeant(authType)
        ? 'has an authType that External Secrets rejects'
        : 'has a serviceAccountRef, which is only read with authType WorkloadIdentity',
      is: authType ?? '(none, which means ServicePrincipal)',
      should: 'WorkloadIdentity',
      field,
      edit: 'set authType: WorkloadIdentity',
      patch: patchAt(field, 'WorkloadIdentity'),
      ...(usesSecret && !isMeant(authType) ? { warning: true } : {}),
    },
  ]
}

function namespaceFindings(object: KubeObject): ObjectFinding[] {
  const field = [...accountField, 'namespace']
  const namespace = textAt(object, field)
  if (object.kind !== 'SecretStore' || namespace === undefined || namespace === object.metadata.namespace)
    return []
  return [
    {
      about: 'account',
      detail: 'refers to a service account in another namespace, which only a ClusterSecretStore may do',
      is: namespace,
      should: `${object.metadata.namespace}`,
      field,
      edit: 'remove it, or use a ClusterSecretStore',
      patch: patchAt(field, null),
    },
  ]
}

function accountFindings(object: KubeObject, context: ObjectContext): ObjectFinding[] {
  const reference = accountOf(object)
  if (!reference) return []
  const account = context.serviceAccount(reference.namespace, reference.name)
  if (account === 'unknown') return []
  const finding = { about: 'account' as const, field: [...accountField, 'name'] }
  const { namespace, name } = reference
  const federate = withFlag(
    withFlag(context.command('federate'), '--namespace', namespace),
    '--service-account',
    name,
  )
  if (account === 'none')
    return [
      {
        ...finding,
        detail: `refers to service account ${name}, which does not exist`,
        is: name,
        should: 'a service account with an identity',
        edit: 'name the service account that has the identity',
        run: federate,
      },
    ]
  const annotations = account.metadata.annotations ?? {}
  return [
    ...clientIdFindings(object, { name, inStore: hasSecretKey(object, 'clientId'), annotations }).map(
      (each) => ({
        ...finding,
        ...each,
        ...(each.should === '(none)' ? {} : { run: federate }),
      }),
    ),
    ...tenantFindings(object, { name, annotations }).map((each) => ({ ...finding, ...each })),
  ]
}

const hasSecretKey = (object: OpenObject, key: 'clientId' | 'tenantId') =>
  Object.keys(mapAt(object, [...settings, 'authSecretRef', key])).length > 0

type Partial = Omit<ObjectFinding, 'about' | 'field'>

function clientIdFindings(
  object: OpenObject,
  { name, inStore, annotations }: { name: string; inStore: boolean; annotations: OpenObject },
): Partial[] {
  const hasSecret = Object.keys(mapAt(object, [...settings, 'authSecretRef'])).length > 0
  const annotated = annotations[clientIdKey] as string | undefined
  if (inStore && annotated !== undefined)
    return [
      {
        detail: `takes the client ID from authSecretRef, but service account ${name} has one as well, and External Secrets accepts only one`,
        is: annotated,
        should: '(none)',
        edit: `remove authSecretRef, or the annotation ${clientIdKey} of ${name}`,
        patch: patchAt([...settings, 'authSecretRef'], null),
      },
    ]
  if (inStore || (annotated !== undefined && !hasSecret)) return []
  if (annotated !== undefined)
    return [
      {
        detail: 'has an authSecretRef without clientId, which External Secrets rejects',
        is: '(none)',
        should: '(none)',
        edit: 'remove authSecretRef',
        patch: patchAt([...settings, 'authSecretRef'], null),
      },
    ]
  return [
    {
      detail: `refers to service account ${name}, which has no client ID`,
      is: '(none)',
      should: clientIdKey,
      edit: `annotate ${name} with ${clientIdKey}`,
    },
  ]
}

function tenantFindings(
  object: OpenObject,
  { name, annotations }: { name: string; annotations: OpenObject },
): Partial[] {
  const inStore = textAt(object, [...settings, 'tenantId'])
  const annotated = annotations[tenantIdKey] as string | undefined
  if (inStore !== undefined && annotated !== undefined)
    return [
      {
        detail: `has a tenantId, but service account ${name} has one as well, and External Secrets accepts only one`,
        is: inStore,
        should: '(none)',
        edit: 'remove tenantId',
        patch: patchAt([...settings, 'tenantId'], null),
      },
    ]
  if (inStore !== undefined || annotated !== undefined || hasSecretKey(object, 'tenantId')) return []
  return [
    {
      detail: `has no tenant ID, and neither has service account ${name}; External Secrets then takes that of its own pods`,
      is: '(none)',
      should: 'tenantId',
      edit: `set tenantId in azurekv, or annotate ${name} with ${tenantIdKey}`,
      warning: true,
    },
  ]
}

function vaultFindings(object: KubeObject): ObjectFinding[] {
  const field = [...settings, 'vaultUrl']
  const address = textAt(object, field)
  const [, name, suffix] =
    /^https:\/\/([\w-]+)\.privatelink\.vaultcore\.([\w.]+)\/?$/.exec(address ?? '') ?? []
  if (address === undefined || name === undefined) return []
  const ordinary = `https://${name}.vault.${suffix}`
  return [
    {
      about: 'settings',
      detail: "has the private link's own name as vaultUrl; the vault's ordinary name leads there by DNS",
      is: address,
      should: ordinary,
      field,
      edit: `set vaultUrl: ${ordinary}`,
      patch: patchAt(field, ordinary),
      warning: true,
    },
  ]
}
