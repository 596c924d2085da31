import type { KubeObject } from '../../clients/kubernetes.ts'
import { clientIdKey } from '../../steps/service-account.ts'
import type { FieldPath } from '../workloads/rule.ts'
import { hasIdentityKeys, useLabel } from '../workloads/workload.ts'
import { mapAt, patchAt, textAt } from './fields.ts'
import type { AccountReference, ObjectContext, ObjectFinding, ObjectKind } from './object-kind.ts'

/** Where an object has the settings of the pods that its controller creates. */
interface PodFields {
  group: string
  kinds: Readonly<Record<string, string>>
  clusterScoped?: readonly string[]
  /** Returns the labels of the pods; several for several sorts of pods. */
  labels(object: KubeObject): readonly FieldPath[]
  /** Returns the name of the pods' service account. */
  account(object: KubeObject): string | undefined
  /** Annotations that the controller sets on the service account. */
  accountAnnotations?: FieldPath
  /** Reports whether the object has other settings of workload identity, which contain the client ID. */
  configures?(object: KubeObject): boolean
}

/** A kind whose controller creates pods: they need the label, and a service account with a client ID. */
export function podOwner(fields: PodFields): ObjectKind {
  const { labels, account, accountAnnotations, configures = () => false } = fields
  const reference = (object: KubeObject): AccountReference[] => {
    const [name, { namespace }] = [account(object), object.metadata]
    return name === undefined || namespace === undefined ? [] : [{ namespace, name }]
  }
  const clientIdOf = (object: KubeObject, context: ObjectContext): string | undefined => {
    const own = accountAnnotations && mapAt(object, accountAnnotations)[clientIdKey]
    const [found] = reference(object).map(({ namespace, name }) => context.serviceAccount(namespace, name))
    return own ?? (typeof found === 'object' ? found.metadata.annotations?.[clientIdKey] : undefined)
  }
  const isLabelled = (object: KubeObject) =>
    labels(object).some((path) => mapAt(object, path)[useLabel] !== undefined)
  return {
    group: fields.group,
    kinds: fields.kinds,
    ...(fields.clusterScoped ? { clusterScoped: fields.clusterScoped } : {}),
    uses: (object, context) =>
      labels(object).length > 0 &&
      (isLabelled(object) ||
        hasIdentityKeys(object.metadata.labels) ||
        clientIdOf(object, context) !== undefined ||
        configures(object)),
    accounts: reference,
    inspect: (object, context) => [
      ...labels(object).flatMap((path) => labelFindings(object, path)),
      ...(clientIdOf(object, context) === undefined && !configures(object)
        ? accountFindings(reference(object), context)
        : []),
    ],
  }
}

function labelFindings(object: KubeObject, field: FieldPath): ObjectFinding[] {
  const value: unknown = mapAt(object, field)[useLabel]
  if (value === 'true') return []
  return [
    {
      about: 'label',
      detail:
        value === undefined
          ? `does not put the label ${useLabel} on its pods, so the webhook ignores them`
          : `puts another value of the label ${useLabel} on its pods, so the webhook ignores them`,
      is: value === undefined ? '(none)' : String(value),
      should: `${useLabel}: "true"`,
      field,
      edit: `add ${useLabel}: "true"`,
      patch: patchAt(field, { [useLabel]: 'true' }),
    },
  ]
}

const accountFindings = (references: readonly AccountReference[], context: ObjectContext): ObjectFinding[] =>
  references.flatMap(({ namespace, name }): ObjectFinding[] => {
    if (typeof context.serviceAccount(namespace, name) !== 'object') return []
    return [
      {
        about: 'account',
        detail: `labels its pods, but their service account ${name} has no client ID`,
        is: '(none)',
        should: clientIdKey,
        field: ['spec'],
        edit: `annotate service account ${name} with ${clientIdKey}`,
        warning: true,
      },
    ]
  })

/** Returns the account that a field names, for `podOwner`. */
export const accountAt =
  (...path: FieldPath) =>
  (object: KubeObject): string | undefined =>
    textAt(object, path)
