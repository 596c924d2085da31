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
  instruction`If you trust this job, add a credential with exactly its subject: ${az('identity federated-credential create', { ...names, issuer, subject: '…', audiences })} (for an app registration: ${az('ad app federated-credential create', { id: '…', parameters: '…' })})`

/** Platforms whose tokens Entra is asked to accept, by their issuer or by the form of their subject. */
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

/** Entra rejects the token of a CI job or of another platform, which no service account of a cluster has to do with. */
export const otherIssuerExplanations: readonly Explanation[] = [
  {
    codes: rejected,
    message:
      /presented assertion[^\n]{0,300}?'(?:https:\/\/(?:token\.actions\.[\w.-]{1,100}|[\w.-]{1,100}\/_services\/token)|repo:|repository(?:_owner)?_id:)/i,
    values: [issuer, subject],
    what: "The token is GitHub Actions'[ ({subject})], and no federated credential of the identity accepts it",
    why: [
      'The credential names another repository, branch, tag or environment; a job with an environment has it in its subject instead of its branch',
      'GitHub now puts the IDs of owner and repository into the subject (repo:owner@1/name@2:…), and the credential has only the names',
      'The issuer of GitHub has no trailing slash, and case counts',
    ],
    remedy: trustIt('https://token.actions.githubusercontent.com'),
  },
  {
    codes: rejected,
    message:
      /presented assertion[^\n]{0,300}?'(?:https:\/\/app\.(?:eu\.)?terraform\.io|organization:[^:']{1,100}:project:)/i,
    values: [issuer, subject],
    what: "The token is HCP Terraform's[ ({subject})], and no federated credential of the identity accepts it",
    why: [
      'Each workspace needs two credentials, for run_phase:plan and run_phase:apply',
      'The organization, project or workspace was renamed',
    ],
    remedy: trustIt('https://app.terraform.io'),
  },
  {
    codes: rejected,
    message:
      /presented assertion[^\n]{0,300}?'(?:https:\/\/vstoken\.dev\.azure\.com|sc:\/\/|p:\/\/|\/eid1\/c\/pub\/t\/)/i,
    values: [issuer, subject],
    what: "The token is Azure DevOps'[ ({subject})], and no federated credential of the identity accepts it",
    why: [
      'The service connection was renamed, or moved to the new issuer (login.microsoftonline.com), and the credential has the old subject',
      'The task requests a token of the pipeline (p://…) instead of the service connection (sc://…)',
    ],
    remedy: advice`Copy issuer and subject from the service connection in Azure DevOps: ${command('az identity federated-credential create --identity-name … --resource-group … --name … --issuer … --subject … --audiences api://AzureADTokenExchange')}`,
  },
  {
    codes: rejected,
    message: /presented assertion[^\n]{0,300}?'(?:https:\/\/gitlab\.com|project_path:|project_id:\d)/i,
    values: [issuer, subject],
    what: "The token is GitLab's[ ({subject})], and no federated credential of the identity accepts it",
    why: [
      'The credential names another project, or another branch or tag (ref_type, ref)',
      'The issuer is the address of the GitLab instance',
    ],
    remedy: trustIt('https://gitlab.com'),
  },
  {
    codes: rejected,
    message:
      /presented assertion[^\n]{0,300}?(?:subject:? '(?!system:)[^']|issuer:? 'https:\/\/(?:[\w.-]{1,100}\.)?(?:bitbucket\.org|circleci\.com|spacelift\.io|buildkite\.com|accounts\.google\.com|amazonaws\.com\/?'|login\.microsoftonline\.|sts\.windows\.net))/i,
    values: [issuer, subject],
    derive: platformOf,
    what: 'The token is from {platform|another platform than Kubernetes}[ ({subject})], and no federated credential of the identity accepts it',
    why: [
      'The credential names another subject: projects, branches and environments of the platform are part of it, and case counts',
      'The credential has another issuer: it must be exactly the one in the token, including a trailing slash',
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
      'The token of a CI job lives for about 5 minutes; az uses it again when a later step needs another access token',
    ],
    remedy: 'Sign in again just before the late step, for example with a second azure/login step',
  },
  {
    codes: ['NoSubscriptions'],
    message: /No access was configured for the VM, hence no subscriptions/i,
    check: 'WI602',
    what: '"az login --identity" signed in as the node, which sees no subscription',
    why: ['In a pod, a workload signs in with its token file instead'],
    remedy: advice`In the pod, with the values of AZURE_CLIENT_ID and AZURE_TENANT_ID and the content of AZURE_FEDERATED_TOKEN_FILE: ${command('az login --service-principal --username … --tenant … --federated-token …')}`,
  },
  {
    codes: ['NoSubscriptions'],
    message:
      /No subscriptions found for [\w*.@-]{1,100}|No subscriptions found in tenant|The subscription of '(?<subscription>[^']{1,100})' doesn't exist in cloud|does not have access to (?:any subscriptions|subscription ID)/i,
    what: 'The sign-in succeeded, but the identity sees no subscription[ {subscription}]',
    why: [
      'The identity has no role on any subscription, or got it only minutes ago',
      'If that is intended: --allow-no-subscriptions (azure/login: allow-no-subscriptions: true)',
    ],
    remedy: command('az role assignment list --assignee … --all --output table'),
  },
  {
    codes: ['NoSubscriptions'],
    message: /subscription ID could not be determined and was not specified/i,
    what: 'Terraform knows no subscription',
    why: [
      'From azurerm 4.0, the provider does not take the subscription from the sign-in of az unless it is set there',
      'The identity sees no subscription, because it has no role on any',
    ],
    remedy: 'Set ARM_SUBSCRIPTION_ID, or subscription_id in the provider',
  },
]
