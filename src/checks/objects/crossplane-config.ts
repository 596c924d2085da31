import { hasOldPath } from '../workloads/replace-token-path.ts'
import { clientIdFindings, patchAt, textAt } from './fields.ts'
import type { ObjectFinding, ObjectKind } from './object-kind.ts'

const idFields = ['clientID', 'tenantID', 'subscriptionID']
const pathField = ['spec', 'oidcTokenFilePath']

/** How the Azure providers of Crossplane sign in. */
const signIn = {
  uses: (object) => textAt(object, ['spec', 'credentials', 'source']) === 'OIDCTokenFile',
  inspect(object) {
    const path = textAt(object, pathField)
    return [
      ...idFields
        .filter((key) => textAt(object, ['spec', key]) === undefined)
        .map(
          (key): ObjectFinding => ({
            about: 'settings',
            detail: `has no ${key}, which credentials.source OIDCTokenFile needs`,
            is: '(none)',
            should: key,
            field: ['spec'],
            edit: `set ${key}`,
          }),
        ),
      ...clientIdFindings(object, ['spec', 'clientID']),
      ...(hasOldPath(path)
        ? [
            {
              about: 'settings' as const,
              detail: 'has the token path that webhook 1.6 changed',
              is: path,
              should: '(none; the provider reads AZURE_FEDERATED_TOKEN_FILE)',
              field: pathField,
              edit: 'remove it',
              patch: patchAt(pathField, null),
              warning: true,
            },
          ]
        : []),
    ]
  },
} satisfies Partial<ObjectKind>

export const crossplaneConfig: ObjectKind = {
  group: 'azure.upbound.io',
  kinds: { ProviderConfig: 'providerconfigs' },
  clusterScoped: ['ProviderConfig'],
  ...signIn,
}

/** The same in the API of Crossplane 2, with and without a namespace. */
export const crossplaneNamespacedConfig: ObjectKind = {
  group: 'azure.m.upbound.io',
  kinds: { ProviderConfig: 'providerconfigs', ClusterProviderConfig: 'clusterproviderconfigs' },
  clusterScoped: ['ClusterProviderConfig'],
  ...signIn,
}
