import type { Explanation } from './explanation.ts'

/** Storage refuses a token: the identity signs in all the same. */
export const storageExplanations: readonly Explanation[] = [
  {
    codes: ['AuthorizationPermissionMismatch'],
    message: /not authorized to perform this operation using this permission/i,
    check: 'WI501',
    what: 'The identity has no role that lets it read or write data in the storage account',
    why: [
      'the role was never given, or less than 10 minutes ago',
      'Owner and Contributor do not include the data',
    ],
    remedy:
      "az role assignment create --role 'Storage Blob Data Contributor' --assignee-object-id … --assignee-principal-type ServicePrincipal --scope …",
  },
  {
    codes: ['AuthorizationFailure'],
    what: 'The network rules of the storage account do not let the caller in',
    why: ['the address of the pods is not among those allowed', 'a private endpoint is needed'],
    remedy: 'az storage account network-rule list --account-name …',
  },
  {
    codes: ['KeyBasedAuthenticationNotPermitted'],
    what: 'The storage account takes no keys, only identities',
    why: ['the program goes by a connection string or an account key'],
    remedy:
      'Give the program the address of the account and DefaultAzureCredential in place of a connection string',
  },
]
