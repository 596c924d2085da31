import { advice, command } from './command-template.ts'
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
      'The role is for another service, such as blobs instead of queues, or at another container, queue or table',
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
  {
    codes: ['ContainerNotFound', 'QueueNotFound', 'TableNotFound', 'FilesystemNotFound'],
    message:
      /The specified (?<noun>container|queue|filesystem) does not exist|The (?<noun2>table) specified does not exist/i,
    derive: ({ noun, noun2 }) => ({ noun: noun ?? noun2, noun2: undefined }),
    what: 'The {noun|container, queue or table} does not exist in the storage account',
    why: [
      'Its name in the application is misspelt, or it was not created yet',
      'The application connects to another storage account',
    ],
    remedy: advice`Create it, or correct its name in the application. To see the containers of the account: ${command('az storage container list --auth-mode login --account-name …')}`,
  },
  {
    codes: ['InvalidAuthenticationInfo'],
    message:
      /Audience validation failed\. Audience did not match|Issuer validation failed\. Issuer did not match/i,
    what: "The storage account doesn't accept this token: it is for another service or from another tenant",
    why: [
      'The application requested a token for another service; Storage needs https://storage.azure.com/.default',
      "The identity is in another tenant than the storage account's subscription",
    ],
    remedy:
      'Request the token for https://storage.azure.com/.default, with an identity of the tenant of the storage account',
  },
  {
    codes: ['AuthenticationFailed', 'InvalidAuthenticationInfo'],
    message: /Authentication scheme Bearer is not supported in this version/i,
    what: 'The request to Azure Storage has no x-ms-version header, or an old version in it',
    why: ['The application builds the request itself: tokens are accepted from version 2017-11-09'],
    remedy: 'Send the header x-ms-version with a current version, such as 2023-11-03, or use the SDK',
  },
  {
    codes: ['NoAuthenticationInformation'],
    what: 'The request to Azure Storage contains no token',
    why: ['The application creates its client without a credential'],
    remedy:
      'Pass DefaultAzureCredential or WorkloadIdentityCredential to the client, with the URL of the account',
  },
  {
    codes: ['PublicAccessNotPermitted'],
    message: /Public access is not permitted on this storage account/i,
    what: 'The storage account allows no anonymous access to its containers, and the request has no token',
    why: [
      'The application, or the issuer URL, relies on a public container',
      'allowBlobPublicAccess is false, the default of new accounts and often required by policy',
    ],
    remedy:
      'Send a token; for documents that must be public, such as those of an issuer, use the static website of the account',
  },
]
