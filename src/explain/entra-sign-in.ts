import { advice, command, grant } from './command-template.ts'
import { listAppCredentials, showTenant } from './commands.ts'
import { aadstsCodes, type Explanation } from './explanation.ts'

const tenant = /(?:[Tt]enant(?: identifier| named)?|directory) '?(?<tenant>[\w.-]+\w)'?/
const signIn = command('az login[ --tenant {tenant}]')

/** Entra rejects the application, the tenant, the resource, a secret, or the user. */
export const entraSignInExplanations: readonly Explanation[] = [
  {
    codes: ['NoCredential'],
    what: 'You are not signed in to Azure',
    why: [
      'You have not run "az login", or the sign-in has expired',
      'In CI, AZURE_TENANT_ID, AZURE_CLIENT_ID and a secret, certificate or token file are not all set',
    ],
    remedy: command('az login'),
  },
  {
    codes: ['SignInProgramFailed'],
    values: [/^(?<program>[\w ]{1,40}) failed: (?<reason>.{1,300})/],
    what: '{program|A sign-in program} is installed, but fails: {reason|see below}',
    why: [
      'Its installation is incomplete, or it was updated while it ran',
      'An activated Python environment or PYTHONPATH replaces its libraries',
    ],
    remedy: advice`Run it by itself, and repair it if it fails in the same way: ${command('az version')}`,
  },
  {
    codes: aadstsCodes(700016),
    values: [/identifier '(?<application>[^']+)'/, /in the directory '(?<tenant>[^']+)'/],
    check: 'WI110',
    what: 'The tenant[ {tenant}] has no application with the client ID[ {application}]',
    why: [
      "The client ID (in the service account's annotation or AZURE_CLIENT_ID) is wrong, or belongs to a deleted application",
      'The application is in another tenant',
      'The application was created only seconds ago',
    ],
    remedy: command('wi-setup federate'),
  },
  {
    codes: aadstsCodes(90002),
    values: [/Tenant '(?<tenant>[^']+)'/],
    check: 'WI305',
    what: "The tenant[ {tenant}] doesn't exist",
    why: ['The ID or domain is misspelled', 'The tenant is in another cloud (US Government or China)'],
    remedy: command('az account list --query "[].{name:name, tenant:tenantId}" --output table'),
  },
  {
    codes: aadstsCodes(900023),
    values: [/identifier '(?<tenant>[^']+)'/],
    what: '{tenant|The value} is neither a tenant ID nor a domain of a tenant',
    why: ['AZURE_TENANT_ID, --tenant or the tenant-id annotation is misspelled'],
    remedy: showTenant,
  },
  {
    codes: aadstsCodes(500011),
    values: [/resource principal named (?<resource>\S+)/, /tenant named (?<tenant>[\w. -]+?)\./],
    what: 'The tenant[ {tenant}] has no resource {resource|with the requested name}',
    why: ['The scope is misspelled or has an extra slash', "The selected cloud is not the tenant's cloud"],
    remedy: command('wi-setup verify'),
  },
  {
    codes: aadstsCodes(1002012, 70011, 28002),
    values: [/scope (?<scope>\S+) is not valid/],
    what: 'The scope[ {scope}] is invalid: an application must request exactly one resource, ending in /.default',
    why: ['The workload requests a resource in the v1 format, or a single permission'],
    remedy: 'Request https://vault.azure.net/.default in the application',
  },
  {
    codes: aadstsCodes(900144, 9002313, 70003, 900561, 901002, 90013, 90023, 700022),
    values: [/parameter: '(?<field>[^']+)'/],
    what: 'The token request is malformed[: the field {field} is missing or not allowed]',
    why: ['A program other than wi-setup sends the request, or a proxy modifies it'],
    remedy: command('wi-setup verify --debug'),
  },
  {
    codes: aadstsCodes(7000218),
    check: 'WI603',
    what: 'The token request has neither an assertion nor a secret',
    why: [
      'The webhook did not change the pod: its template lacks the label azure.workload.identity/use: "true"',
      'The application does not use AZURE_FEDERATED_TOKEN_FILE',
    ],
    remedy: command('wi-setup verify'),
  },
  {
    codes: aadstsCodes(7000215),
    values: [/app '(?<application>[^']+)'/],
    what: 'The client secret of the application[ {application}] is wrong',
    why: ["AZURE_CLIENT_SECRET holds the secret's ID instead of its value", 'The secret was deleted'],
    remedy: command('az ad app credential reset --append --id {application|…}'),
  },
  {
    codes: aadstsCodes(7000222),
    values: [/app '(?<application>[^']+)'/],
    what: 'The client secret of the application[ {application}] has expired',
    why: ['Client secrets expire, unlike workload identity (a token file)'],
    remedy: command('az ad app credential reset --append --id {application|…}'),
  },
  {
    codes: aadstsCodes(700030, 700025),
    what: 'The certificate or secret does not match the application',
    why: [
      "The certificate's subject differs, or the application is a public client, which must not send one",
    ],
    remedy: listAppCredentials,
  },
  {
    codes: aadstsCodes(7000112),
    values: [/Application '(?<application>[^']+)'(?:\((?<name>[^)]*)\))?/],
    check: 'WI113',
    what: 'The application[ {name}][ {application}] is disabled',
    why: ['Its service principal was disabled'],
    remedy: grant(command('az ad sp update --id {application|…} --set accountEnabled=true')),
  },
  {
    codes: aadstsCodes(90055, 90033, 90012, 50196),
    what: 'Entra is overloaded or throttles requests',
    why: ['There were too many requests in a short time, or there is a temporary outage'],
    remedy: 'Wait a minute, then run the same command again',
  },
  {
    codes: aadstsCodes(50049),
    what: 'Entra does not know the sign-in address',
    why: ['AZURE_AUTHORITY_HOST names another cloud or a private address'],
    remedy: 'Unset AZURE_AUTHORITY_HOST, or select the cloud with --cloud',
  },
  {
    codes: aadstsCodes(50059),
    what: 'The sign-in names no tenant',
    why: ["Neither --tenant nor AZURE_TENANT_ID is set, and the account name doesn't imply a tenant"],
    remedy: signIn,
  },
  {
    codes: aadstsCodes(900439, 900440, 900382, 900432),
    check: 'WI413',
    what: 'The application belongs to another national cloud',
    why: ['The public, US Government and China clouds have separate tenants and endpoints'],
    remedy: "Select the tenant's cloud: --cloud public, usgov or china",
  },
  {
    codes: aadstsCodes(100007),
    what: "The application can't use the regional sign-in endpoint",
    why: ["AZURE_REGIONAL_AUTHORITY_NAME is set, which is reserved for Microsoft's own services"],
    remedy: 'Unset AZURE_REGIONAL_AUTHORITY_NAME',
  },
  {
    codes: aadstsCodes(53003, 50005, 530084),
    check: 'WI411',
    what: 'A Conditional Access policy blocks the sign-in',
    why: [
      'The policy requires a known network, a known device or stronger authentication',
      'For a workload: the policy targets its service principal. Such policies never apply to managed identities',
    ],
    remedy: "Ask the tenant's administrators; the sign-in log in the Entra portal names the policy",
  },
  {
    codes: aadstsCodes(530035),
    what: "The tenant's security defaults block the sign-in",
    why: ["The client uses a legacy protocol that can't ask for a second factor"],
    remedy: command('az login'),
  },
  {
    codes: aadstsCodes(5000225),
    what: 'The tenant[ {tenant}] is blocked due to inactivity',
    why: ['"az login" signs in to every tenant of the account, and one of them is inactive'],
    remedy: signIn,
    values: [tenant],
  },
  {
    codes: aadstsCodes(50020, 50034),
    values: [/[Uu]ser account '?(?<user>[^'\s]+)'?/, /tenant '(?<tenant>[^']+)'/],
    what: "The account[ {user}] doesn't exist in the tenant[ {tenant}]",
    why: ['You are signed in with another account', 'The account has not been invited as a guest'],
    remedy: signIn,
  },
  {
    codes: aadstsCodes(50076, 50079, 50078),
    values: [tenant],
    what: 'The tenant requires multi-factor authentication',
    why: ['Azure management requires multi-factor authentication'],
    remedy: signIn,
  },
  {
    codes: aadstsCodes(700082, 70043, 50173),
    what: 'The sign-in has expired',
    why: ['It was unused for too long, the password was changed, or a policy limits its lifetime'],
    remedy: command('az login'),
  },
  {
    codes: aadstsCodes(65001, 65002),
    values: [/'(?<application>[0-9a-f]{8}-[0-9a-f-]{27})'/],
    what: 'The application[ {application}] has no consent to act on your behalf',
    why: ['Consent is missing; in many tenants, only administrators can grant it'],
    remedy: grant(command('az ad app permission admin-consent --id {application|…}')),
  },
  {
    codes: aadstsCodes(70016),
    what: 'The sign-in in the browser is not finished',
    why: ['The code was not entered or not confirmed'],
    remedy: 'Finish the sign-in in the browser',
  },
  {
    codes: aadstsCodes(70020),
    what: 'The device code for the sign-in has expired',
    why: ['A device code is valid for 15 minutes'],
    remedy: command('az login'),
  },
  {
    codes: aadstsCodes(700003),
    what: 'The tenant does not know the device',
    why: ['A policy requires a registered device, and this one is not registered or was removed'],
    remedy: command('az login --use-device-code'),
  },
  {
    codes: aadstsCodes(700005),
    what: 'The sign-in started in one tenant and ended in another',
    why: ['The browser is signed in with an account of another tenant'],
    remedy: signIn,
  },
  {
    codes: aadstsCodes(900971, 500113),
    what: "The application has no reply URL, so a browser sign-in can't complete",
    why: ['The application is meant for unattended sign-in'],
    remedy: command('az login'),
  },
]
