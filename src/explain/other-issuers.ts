import { az, instruction } from '../base/command.ts'
import { advice, command } from './command-template.ts'
import { aadstsCodes, type Explanation } from './explanation.ts'
import type { Values } from './values.ts'

const rejected = aadstsCodes(70021, 700211, 700213, 7002138, 7002137, 7002131)
const subject = /subject:? '(?<subject>[^']*)'/i
const issuer = /issuer:? '(?<issuer>[^']*)'/i
const audiences = 'api://AzureADTokenExchange'
const names = { 'identity-name': '…', 'resource-group': '…', name: '…' }
const trustIt = (issuer: string) => () =>
  instruction`If you trust this job, add a federated credential with exactly its subject: ${az('identity federated-credential create', { ...names, issuer, subject: '…', audiences })} (for an app registration: ${az('ad app federated-credential create', { id: '…', parameters: '…' })})`

/** Platforms that issue tokens, recognized by the issuer or by the form of the subject. */
const platforms: readonly [sign: RegExp, name: string][] = [
  [/\bbitbucket\.org\//, 'Bitbucket'],
  [/\bcircleci\.com\/|^org\/[^/]+\/project\//, 'CircleCI'],
  [/\bspacelift\.io\b|^space:[^:]+:(?:stack|module):/, 'Spacelift'],
  [/\bbuildkite\.com\b|^organization:[^:]+:pipeline:/, 'Buildkite'],
  [/\baccounts\.google\.com\b/, 'Google Cloud'],
  [/\bcognito-identity\.amazonaws\.com\b/, 'Amazon Cognito'],
  [/\blogin\.microsoftonline\.|\bsts\.windows\.net\b/, 'Entra'],
  [/^spiffe:/, 'SPIFFE'],
]
const platformOf = (values: Values): Values => ({
  platform: platforms.find(
    ([sign]) => sign.test(values.issuer ?? '') || sign.test(values.subject ?? ''),
  )?.[1],
})

/** Entra rejects tokens of CI jobs and other platforms. No service account of a cluster is involved. */
export const otherIssuerExplanations: readonly Explanation[] = [
  {
    codes: rejected,
    message:
      /presented assertion[^\n]{0,300}?'(?:https:\/\/(?:token\.actions\.[\w.-]{1,100}|[\w.-]{1,100}\/_services\/token)|repo:|repository(?:_owner)?_id:)/i,
    values: [issuer, subject],
    what: 'The GitHub Actions token[ ({subject})] matches no federated credential of the identity',
    why: [
      'The credential names another repository, branch, tag or environment; if a job uses an environment, the subject contains it instead of the branch',
      'GitHub now includes the IDs of owner and repository in the subject (repo:owner@1/name@2:…), and the credential has only the names',
      "The credential's issuer has a trailing slash, or differs in case",
    ],
    remedy: trustIt('https://token.actions.githubusercontent.com'),
  },
  {
    codes: rejected,
    message:
      /presented assertion[^\n]{0,300}?'(?:https:\/\/app\.(?:eu\.)?terraform\.io|organization:[^:']{1,100}:project:)/i,
    values: [issuer, subject],
    what: 'The HCP Terraform token[ ({subject})] matches no federated credential of the identity',
    why: [
      'A credential is missing: each workspace needs one for run_phase:plan and one for run_phase:apply',
      'The organization, project or workspace was renamed',
    ],
    remedy: trustIt('https://app.terraform.io'),
  },
  {
    codes: rejected,
    message:
      /presented assertion[^\n]{0,300}?'(?:https:\/\/vstoken\.dev\.azure\.com|sc:\/\/|p:\/\/|\/eid1\/c\/pub\/t\/)/i,
    values: [issuer, subject],
    what: 'The Azure DevOps token[ ({subject})] matches no federated credential of the identity',
    why: [
      'The service connection was renamed, or moved to the new issuer (login.microsoftonline.com), and the credential has the old subject',
      'The task requests a token for the pipeline (p://…) instead of the service connection (sc://…)',
    ],
    remedy: advice`Copy issuer and subject from the service connection in Azure DevOps: ${command('az identity federated-credential create --identity-name … --resource-group … --name … --issuer … --subject … --audiences api://AzureADTokenExchange')}`,
  },
  {
    codes: rejected,
    message: /presented assertion[^\n]{0,300}?'(?:https:\/\/gitlab\.com|project_path:|project_id:\d)/i,
    values: [issuer, subject],
    what: 'The GitLab token[ ({subject})] matches no federated credential of the identity',
    why: [
      'The credential names another project, or another branch or tag (ref_type, ref)',
      "The credential's issuer is not the address of the GitLab instance",
    ],
    remedy: trustIt('https://gitlab.com'),
  },
  {
    codes: rejected,
    message:
      /presented assertion[^\n]{0,300}?(?:subject:? '(?!system:)[^']|issuer:? 'https:\/\/(?:[\w.-]{1,100}\.)?(?:bitbucket\.org|circleci\.com|spacelift\.io|buildkite\.com|accounts\.google\.com|amazonaws\.com\/?'|login\.microsoftonline\.|sts\.windows\.net))/i,
    values: [issuer, subject],
    derive: platformOf,
    what: 'The token from {platform|another platform than Kubernetes}[ ({subject})] matches no federated credential of the identity',
    why: [
      'The credential has another subject, which is case-sensitive and contains the project, branch or environment',
      "The credential's issuer is not exactly the token's, including any trailing slash",
    ],
    remedy: trustIt('…'),
  },
  {
    codes: aadstsCodes(700024),
    message:
      /assertion is not within its valid time range[\s\S]{0,900}?(?:az logout|azure\/login|##\[error\])/i,
    values: [
      /Current time: (?<now>\S+?),/,
      /valid from (?<from>\S+?),/,
      /expiry time of assertion (?<until>\S+?)\.?\s/,
    ],
    what: 'The token of the CI job has expired[ (now {now}][, expired {until})]',
    why: [
      "A CI job's token is valid for about 5 minutes; az reuses it when a later step needs another access token",
    ],
    remedy: 'Sign in again just before the step that fails, for example with a second azure/login step',
  },
  {
    codes: ['NoSubscriptions'],
    message: /No access was configured for the VM, hence no subscriptions/i,
    check: 'WI602',
    what: '"az login --identity" signed in as the node, whose identity has no access to a subscription',
    why: [
      'The command asks the node for its identity; in a pod, a workload signs in with its token file instead',
    ],
    remedy: advice`In the pod, with the values of AZURE_CLIENT_ID and AZURE_TENANT_ID and the content of AZURE_FEDERATED_TOKEN_FILE: ${command('az login --service-principal --username … --tenant … --federated-token …')}`,
  },
  {
    codes: ['NoSubscriptions'],
    message:
      /No subscriptions found for [\w*.@-]{1,100}|No subscriptions found in tenant|The subscription of '(?<subscription>[^']{1,100})' doesn't exist in cloud|does not have access to (?:any subscriptions|subscription ID)/i,
    what: 'The sign-in succeeded, but the identity has no access to {subscription|any subscription}',
    why: [
      'The identity has no role on any subscription, or got it only minutes ago',
      'The identity needs no subscription, but the sign-in lacks --allow-no-subscriptions (azure/login: allow-no-subscriptions: true)',
    ],
    remedy: command('az role assignment list --assignee … --all --output table'),
  },
  {
    codes: ['NoSubscriptions'],
    message: /subscription ID could not be determined and was not specified/i,
    what: 'Terraform has no subscription to use',
    why: [
      'Since azurerm 4.0, the provider requires subscription_id or ARM_SUBSCRIPTION_ID',
      'The identity has no role on any subscription',
    ],
    remedy: 'Set ARM_SUBSCRIPTION_ID, or subscription_id in the provider',
  },
]
