import { command } from './command-template.ts'
import type { Explanation } from './explanation.ts'

/** Azure Storage rejects a request, although the sign-in succeeded. */
export const storageExplanations: readonly Explanation[] = [
  {
    codes: ['AuthorizationPermissionMismatch'],
    message: /not authorized to perform this operation using this permission/i,
    check: 'WI501',
    what: 'The identity has no role for reading or writing data in the storage account',
    why: [
      'The role was never assigned, or was assigned less than 10 minutes ago',
      "Owner and Contributor don't grant access to data",
    ],
    remedy: command(
      "az role assignment create --role 'Storage Blob Data Contributor' --assignee-object-id … --assignee-principal-type ServicePrincipal --scope …",
    ),
  },
  {
    codes: ['AuthorizationFailure'],
    what: "The storage account's network rules block the caller",
    why: ["The pods' IP address is not allowed", 'The storage account requires a private endpoint'],
    remedy: command('az storage account network-rule list --account-name …'),
  },
  {
    codes: ['KeyBasedAuthenticationNotPermitted'],
    what: 'The storage account accepts identities only, not account keys',
    why: ['The application uses a connection string or an account key'],
    remedy:
      "Configure the application with the account's URL and DefaultAzureCredential instead of a connection string",
  },
]
