import type { FieldPath } from '../workloads/rule.ts'
import { patchAt, textAt, valueAt } from './fields.ts'
import type { ObjectContext, ObjectFinding, ObjectKind } from './object-kind.ts'

/** Returns how the fields of a federated credential are judged, wherever its controller has them. */
const credentialAt = (base: FieldPath, audienceKey: 'audiences' | 'audience') =>
  ({
    uses: () => true,
    inspect: (object, context) => [
      ...audienceFindings(valueAt(object, [...base, audienceKey]), [...base, audienceKey], context),
      ...subjectFindings(textAt(object, [...base, 'subject']), [...base, 'subject']),
    ],
  }) satisfies Pick<ObjectKind, 'uses' | 'inspect'>

function audienceFindings(value: unknown, field: FieldPath, { audience }: ObjectContext): ObjectFinding[] {
  if (!Array.isArray(value) || (value.length === 1 && value[0] === audience)) return []
  return [
    {
      about: 'settings',
      detail: 'has an audience other than that of the tokens',
      is: value.join(', ') || '(none)',
      should: audience,
      field,
      edit: `set ${field.at(-1)} to the one value ${audience}`,
      patch: patchAt(field, [audience]),
      warning: true,
    },
  ]
}

/** A subject of Kubernetes has exactly four parts; other issuers have subjects of other forms. */
function subjectFindings(subject: string | undefined, field: FieldPath): ObjectFinding[] {
  if (subject === undefined || !/^system:service/i.test(subject)) return []
  if (/^system:serviceaccount:[^:]+:[^:]+$/.test(subject)) return []
  return [
    {
      about: 'settings',
      detail: 'has a subject that no service account has',
      is: subject,
      should: 'system:serviceaccount:NAMESPACE:NAME',
      field,
      edit: 'set subject: system:serviceaccount:NAMESPACE:NAME',
    },
  ]
}

/** Federated credentials that Azure Service Operator writes. */
export const asoCredential: ObjectKind = {
  group: 'managedidentity.azure.com',
  kinds: { FederatedIdentityCredential: 'federatedidentitycredentials' },
  ...credentialAt(['spec'], 'audiences'),
}

/** Federated credentials that Crossplane writes. */
export const crossplaneCredential: ObjectKind = {
  group: 'managedidentity.azure.upbound.io',
  kinds: { FederatedIdentityCredential: 'federatedidentitycredentials' },
  clusterScoped: ['FederatedIdentityCredential'],
  ...credentialAt(['spec', 'forProvider'], 'audience'),
}
