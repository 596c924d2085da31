import type { KubeObject } from '../../clients/kubernetes.ts'
import { clientIdKey } from '../../steps/service-account.ts'
import { classNamesOf, secretsStoreVolumes } from '../workloads/secrets-store.ts'
import { accountNameOf, type OpenObject, workloadTitle } from '../workloads/workload.ts'
import { clientIdFindings, mapAt, patchAt, textAt } from './fields.ts'
import type { ObjectContext, ObjectFinding, ObjectKind } from './object-kind.ts'

const parameters = ['spec', 'parameters'] as const
const modes = ['usePodIdentity', 'useVMManagedIdentity', 'useAzureTokenProxy'] as const
type Mode = (typeof modes)[number]

/** As Go's strconv.ParseBool, with which the provider reads these texts. */
const isOn = (object: OpenObject, mode: Mode): boolean =>
  /^(1|t|true)$/i.test(`${mapAt(object, parameters)[mode] ?? ''}`.trim())

const clientIdOf = (object: OpenObject) => textAt(object, [...parameters, 'clientID'])

/** The provider reads `clientID` only in this spelling. */
const misspelt = (object: OpenObject): string | undefined =>
  clientIdOf(object) === undefined
    ? Object.keys(mapAt(object, parameters)).find(
        (key) => key !== 'clientID' && /^client_?id$/i.test(key) && textAt(object, [...parameters, key]),
      )
    : undefined

const isAzure = (object: OpenObject) => mapAt(object, ['spec']).provider === 'azure'

/** A user-assigned identity is only read together with the node's identities. */
const strayIdentity = (object: OpenObject) =>
  clientIdOf(object) === undefined && !modes.some((mode) => isOn(object, mode))
    ? textAt(object, [...parameters, 'userAssignedIdentityID'])
    : undefined

/** Reports whether the provider signs in with the tokens of the pods' service accounts. */
export const usesPodTokens = (object: OpenObject): boolean =>
  isAzure(object) &&
  clientIdOf(object) !== undefined &&
  !isOn(object, 'usePodIdentity') &&
  !isOn(object, 'useVMManagedIdentity')

const mountedBy = ({ metadata }: KubeObject, { workloads }: ObjectContext) =>
  workloads.filter(
    (each) => each.namespace === metadata.namespace && classNamesOf(each).includes(metadata.name),
  )

export const secretProviderClass: ObjectKind = {
  group: 'secrets-store.csi.x-k8s.io',
  kinds: { SecretProviderClass: 'secretproviderclasses' },
  uses: (object) =>
    isAzure(object) &&
    (clientIdOf(object) !== undefined ||
      misspelt(object) !== undefined ||
      strayIdentity(object) !== undefined ||
      isOn(object, 'useAzureTokenProxy')),
  inspect: (object, context) => [
    ...modeFindings(object),
    ...parameterFindings(object, context),
    ...clientIdFindings(object, [...parameters, 'clientID']),
    ...accountFindings(object, context),
  ],
}

function modeFindings(object: KubeObject): ObjectFinding[] {
  const unquoted = modes.find((mode) => typeof mapAt(object, parameters)[mode] === 'boolean')
  if (unquoted !== undefined)
    return [
      {
        about: 'settings',
        detail: `has ${unquoted} without quotes, so it is not a string and Kubernetes rejects the object`,
        is: `${mapAt(object, parameters)[unquoted]}`,
        should: JSON.stringify(`${mapAt(object, parameters)[unquoted]}`),
        field: [...parameters, unquoted],
        edit: 'put the value in quotes',
      },
    ]
  return modes.flatMap((mode): ObjectFinding[] => {
    if (mode === 'useAzureTokenProxy' || !isOn(object, mode) || clientIdOf(object) === undefined) return []
    const field = [...parameters, mode]
    const isPodIdentity = mode === 'usePodIdentity'
    return [
      {
        about: 'settings',
        detail: isPodIdentity
          ? 'asks the retired pod-managed identity (NMI) in spite of its clientID'
          : 'signs in as the node in spite of its clientID',
        is: `${mode}: "true"`,
        should: `${mode}: "false"`,
        field,
        edit: 'set it to "false"',
        patch: patchAt(field, 'false'),
        // The node may have access, too.
        ...(isPodIdentity ? {} : { warning: true }),
      },
    ]
  })
}

function parameterFindings(object: KubeObject, context: ObjectContext): ObjectFinding[] {
  const key = misspelt(object)
  const usesSecret = mountedBy(object, context).some((each) =>
    secretsStoreVolumes(each).some(({ csi }) => csi.nodePublishSecretRef !== undefined),
  )
  const source =
    key ?? (strayIdentity(object) !== undefined && !usesSecret ? 'userAssignedIdentityID' : undefined)
  const field = [...parameters, source ?? 'clientID']
  const value = textAt(object, field)
  return [
    ...(source === undefined || value === undefined
      ? []
      : [
          {
            about: 'settings' as const,
            detail:
              key === undefined
                ? 'has a userAssignedIdentityID, which is only read with useVMManagedIdentity, and no clientID'
                : `has ${key}, which nothing reads, and no clientID`,
            is: source,
            should: 'clientID',
            field,
            edit: 'rename it to clientID',
            patch: patchAt(parameters, { [source]: null, clientID: value }),
          },
        ]),
    ...((textAt(object, [...parameters, 'tenantID']) ?? textAt(object, [...parameters, 'tenantId']))
      ? []
      : [
          {
            about: 'settings' as const,
            detail: 'has no tenantID, so no volume of it can be mounted',
            is: '(none)',
            should: 'tenantID',
            field: parameters,
            edit: 'set tenantID',
          },
        ]),
  ]
}

function accountFindings(object: KubeObject, context: ObjectContext): ObjectFinding[] {
  const clientId = clientIdOf(object)
  if (!usesPodTokens(object)) return []
  return mountedBy(object, context).flatMap((workload): ObjectFinding[] => {
    const name = accountNameOf(workload)
    const account = context.serviceAccount(workload.namespace, name)
    const other = typeof account === 'object' ? account.metadata.annotations?.[clientIdKey] : undefined
    if (other === undefined || other.toLowerCase() === clientId!.toLowerCase()) return []
    return [
      {
        about: 'account',
        detail: `has another client ID than service account ${name}, as which ${workloadTitle(workload)} mounts it`,
        is: clientId!,
        should: other,
        field: [...parameters, 'clientID'],
        edit: `set clientID: ${other}, or make sure that the identity trusts ${name}, too`,
        warning: true,
      },
    ]
  })
}
