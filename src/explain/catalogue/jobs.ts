import { command, shell } from '../command-template.ts'
import type { CatalogueEntry } from './entry.ts'

const listCredentials = command(
  'az ad app federated-credential list --id … --query "[].{name:name, issuer:issuer, subject:subject, audiences:audiences}"',
)
const readDocuments = shell('curl --fail …/.well-known/openid-configuration')

/** WI118 to WI123: jobs outside a cluster. */
export const jobEntries: readonly CatalogueEntry[] = [
  {
    code: 'WI118',
    what: "Entra can't use the public documents of the job's issuer",
    errorMessages: [
      'AADSTS50166: Request to External OIDC endpoint failed.',
      'AADSTS90061: Request to External OIDC endpoint failed.',
      "AADSTS700211: No matching federated identity record found for presented assertion issuer '…'.",
    ],
    why: [
      'The issuer is only reachable in a private network, or needs a sign-in',
      'The discovery document names another issuer, often one that differs in the trailing slash',
      'The issuer signs with an elliptic curve key; Entra accepts RS256 only',
    ],
    remedy:
      'Publish the discovery document and the key set over HTTPS without sign-in, and set --issuer to exactly the issuer that the document names',
    manualChecks: [readDocuments],
  },
  {
    code: 'WI119',
    what: 'The identity that the job uses does not exist',
    errorMessages: ["AADSTS700016: Application with identifier '…' was not found in the directory '…'."],
    why: ['It was deleted', 'The settings name another identity, or another tenant'],
    remedy: command('wi-setup federate'),
    manualChecks: [command('az ad app list --display-name …')],
  },
  {
    code: 'WI120',
    what: "No federated credential matches the job's issuer, subject and audience",
    errorMessages: [
      "AADSTS700213: No matching federated identity record found for presented assertion subject '…'.",
      "AADSTS7002138: No matching federated identity record found for presented assertion subject '…'. Please note that matching is done using a case-sensitive comparison.",
    ],
    why: [
      'The job uses an environment, so its subject has the environment instead of the branch',
      'The repository, environment or branch differs in letter case',
      'The credential was changed or deleted; HCP Terraform needs one for plan and one for apply',
    ],
    remedy: command('wi-setup federate'),
    manualChecks: [listCredentials],
  },
  {
    code: 'WI121',
    what: "GitHub's subjects for the repository have a different form from the credential's",
    errorMessages: [
      "AADSTS700213: No matching federated identity record found for presented assertion subject 'repo:…@…/…@…'.",
    ],
    why: [
      'The repository was created, renamed or transferred since 15 July 2026, or opted in: its subjects have immutable IDs',
      'The repository has a subject template of its own',
    ],
    remedy: command('wi-setup federate'),
    manualChecks: [command('gh api repos/…/actions/oidc/customization/sub'), listCredentials],
  },
  {
    code: 'WI122',
    what: 'The job that runs this has a token that the identity does not trust',
    errorMessages: [
      "AADSTS700213: No matching federated identity record found for presented assertion subject '…'.",
      'Unable to get ACTIONS_ID_TOKEN_REQUEST_URL env variable',
    ],
    why: [
      'The job belongs to a different repository, branch or environment than the one in the settings',
      'The job requests a token for another audience',
    ],
    remedy: 'Run the command in the job that the identity trusts, or let the identity trust this job',
    manualChecks: [listCredentials],
  },
  {
    code: 'WI123',
    what: "Entra rejects the job's token",
    errorMessages: [
      "AADSTS70021: No matching federated identity record found for presented assertion. Assertion Issuer: '…'. Assertion Subject: '…'. Assertion Audience: '…'.",
    ],
    why: [
      'The credential was created only minutes ago and has not replicated yet',
      'The service principal of the identity is disabled or absent',
    ],
    remedy: command('wi-setup federate'),
    manualChecks: [listCredentials],
  },
]
