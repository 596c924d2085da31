import { aadsts, type Explanation } from './explanation.ts'

const tenant = /(?:[Tt]enant(?: identifier| named)?|directory) '?(?<tenant>[\w.-]+\w)'?/
const signIn = 'az login[ --tenant {tenant}]'

/** Entra refuses the application, the tenant, the resource, a secret, or the person. */
export const entraSignIn: readonly Explanation[] = [
  {
    codes: ['NoCredential'],
    what: 'Nobody is signed in to Azure',
    why: [
      '`az login` was not done, or its sign-in has expired',
      'in CI: AZURE_TENANT_ID, AZURE_CLIENT_ID and a secret, certificate or token file are not all set',
    ],
    mend: 'az login',
  },
  {
    codes: aadsts(700016),
    values: [/identifier '(?<application>[^']+)'/, /in the directory '(?<tenant>[^']+)'/],
    what: 'The tenant[ {tenant}] has no application with the client id {application|given}',
    why: [
      "the client id (the service account's annotation, or AZURE_CLIENT_ID) is wrong, or of a deleted application",
      'the application lives in another tenant',
      'it is only seconds old',
    ],
    mend: 'npx wi-setup federate',
  },
  {
    codes: aadsts(90002),
    values: [/Tenant '(?<tenant>[^']+)'/],
    what: 'There is no tenant {tenant|of this name}',
    why: ['the id or domain is misspelt', 'the tenant belongs to another cloud (US Government, China)'],
    mend: 'az account list --query "[].{name:name, tenant:tenantId}" --output table',
  },
  {
    codes: aadsts(900023),
    values: [/identifier '(?<tenant>[^']+)'/],
    what: '{tenant|What was given} is neither the id nor a domain of a tenant',
    why: ['AZURE_TENANT_ID, --tenant or the tenant-id annotation is misspelt'],
    mend: 'az account show --query tenantId --output tsv',
  },
  {
    codes: aadsts(500011),
    values: [/resource principal named (?<resource>\S+)/, /tenant named (?<tenant>[\w. -]+?)\./],
    what: 'The tenant[ {tenant}] does not know the resource {resource|asked for}',
    why: ['the scope is misspelt or has one "/" too many', "the cloud is another one than the tenant's"],
    mend: 'npx wi-setup verify',
  },
  {
    codes: aadsts(1002012, 70011, 28002),
    values: [/scope (?<scope>\S+) is not valid/],
    what: 'The scope[ {scope}] is not valid: a program asks for exactly one resource, ending in /.default',
    why: ['the workload asks for a resource in the old way, or for a single permission'],
    mend: 'Ask for https://vault.azure.net/.default in the program',
  },
  {
    codes: aadsts(900144, 9002313, 70003, 900561, 901002, 90013, 90023, 700022),
    values: [/parameter: '(?<field>[^']+)'/],
    what: 'The token request is malformed ({field|a field} is missing or not allowed)',
    why: ['a program other than wi-setup sends it, or a proxy changes it'],
    mend: 'npx wi-setup verify --debug',
  },
  {
    codes: aadsts(7000218),
    what: 'The token request proves nothing: neither an assertion nor a secret was sent',
    why: [
      'the pod was not injected: its template lacks the label azure.workload.identity/use: "true"',
      'the program does not use AZURE_FEDERATED_TOKEN_FILE',
    ],
    mend: 'npx wi-setup verify',
  },
  {
    codes: aadsts(7000215),
    values: [/app '(?<application>[^']+)'/],
    what: 'The client secret of the application[ {application}] is wrong',
    why: ["AZURE_CLIENT_SECRET holds the secret's id in place of its value", 'the secret was removed'],
    mend: 'az ad app credential reset --append --id {application|…}',
  },
  {
    codes: aadsts(7000222),
    values: [/app '(?<application>[^']+)'/],
    what: 'The client secret of the application[ {application}] has expired',
    why: ['secrets end; signing in with a token file (workload identity) or `az login` does not'],
    mend: 'az ad app credential reset --append --id {application|…}',
  },
  {
    codes: aadsts(700030, 700025),
    what: 'The certificate or secret that was sent does not fit the application',
    why: ["the certificate's subject differs, or the application is a public client and may send none"],
    mend: 'az ad app credential list --id …',
  },
  {
    codes: aadsts(7000112),
    values: [/Application '(?<application>[^']+)'(?:\((?<name>[^)]*)\))?/],
    what: 'The application[ {name}][ {application}] is disabled',
    why: ['somebody switched its service principal off'],
    mend: 'az ad sp update --id {application|…} --set accountEnabled=true',
  },
  {
    codes: aadsts(90055, 90033, 90012, 50196),
    what: 'Entra is overloaded, or was asked too often',
    why: ['many requests in a short time, or a disturbance that passes'],
    mend: 'Wait a minute, then run the same command again',
  },
  {
    codes: aadsts(50049),
    what: 'The sign-in address is not known to Entra',
    why: ['AZURE_AUTHORITY_HOST names another cloud or a private address'],
    mend: 'Unset AZURE_AUTHORITY_HOST, or name the cloud with --cloud',
  },
  {
    codes: aadsts(50059),
    what: 'The sign-in does not say for which tenant it is',
    why: ['neither --tenant nor AZURE_TENANT_ID is given, and the name tells none'],
    mend: signIn,
  },
  {
    codes: aadsts(900439, 900440, 900382, 900432),
    what: 'The application belongs to another national cloud',
    why: ['public, US Government and China have separate tenants and addresses'],
    mend: 'Name the cloud that the tenant belongs to: --cloud public, usgov or china',
  },
  {
    codes: aadsts(100007),
    what: 'The regional sign-in address may not be used by this application',
    why: ["AZURE_REGIONAL_AUTHORITY_NAME is set; it is for Microsoft's own services"],
    mend: 'Unset AZURE_REGIONAL_AUTHORITY_NAME',
  },
  {
    codes: aadsts(53003, 50005),
    what: 'A Conditional Access policy blocks the sign-in',
    why: [
      'the policy wants a known network, device or stronger proof',
      'for a workload: it targets the service principal directly (managed identities are never covered)',
    ],
    mend: "Ask the tenant's administrators; the sign-in log in the Entra portal names the policy",
  },
  {
    codes: aadsts(530035),
    what: 'The security defaults of the tenant block the sign-in',
    why: ['the client signs in in an old way that cannot ask for a second factor'],
    mend: 'az login',
  },
  {
    codes: aadsts(5000225),
    what: 'The tenant[ {tenant}] is blocked because it was not used',
    why: ['`az login` visits every tenant of the account, and one of them sleeps'],
    mend: signIn,
    values: [tenant],
  },
  {
    codes: aadsts(50020, 50034),
    values: [/[Uu]ser account '?(?<user>[^'\s]+)'?/, /tenant '(?<tenant>[^']+)'/],
    what: 'The account {user|signed in} does not exist in the tenant {tenant|asked for}',
    why: ['signed in with another account', 'the account has not been invited as a guest'],
    mend: signIn,
  },
  {
    codes: aadsts(50076, 50079, 50078),
    values: [tenant],
    what: 'The tenant wants a second factor',
    why: ['multi-factor sign-in is required for Azure management'],
    mend: signIn,
  },
  {
    codes: aadsts(700082, 70043, 50173),
    what: 'The sign-in has expired',
    why: ['it was not used for long, the password was changed, or a policy limits how long it lasts'],
    mend: 'az login',
  },
  {
    codes: aadsts(65001, 65002),
    values: [/'(?<application>[0-9a-f]{8}-[0-9a-f-]{27})'/],
    what: 'The application[ {application}] has not been allowed to act for you',
    why: ['consent is missing, and in many tenants only administrators may give it'],
    mend: 'az ad app permission admin-consent --id {application|…}',
  },
  {
    codes: aadsts(70016),
    what: 'The sign-in in the browser is not finished yet',
    why: ['the code was not typed in, or not confirmed'],
    mend: 'Finish it in the browser',
  },
  {
    codes: aadsts(70020),
    what: 'The code for the sign-in in the browser has run out',
    why: ['it lasts 15 minutes'],
    mend: 'az login',
  },
  {
    codes: aadsts(700003),
    what: 'The device is not known to the tenant',
    why: ['a policy wants a registered device, and this one is not or was removed'],
    mend: 'az login --use-device-code',
  },
  {
    codes: aadsts(700005),
    what: 'The sign-in was begun for one tenant and ended for another',
    why: ['the browser is signed in with an account of another tenant'],
    mend: signIn,
  },
  {
    codes: aadsts(900971, 500113),
    what: 'The application has no reply address, so a browser cannot come back from the sign-in',
    why: ['it is meant for programs, not for people'],
    mend: 'az login',
  },
]
