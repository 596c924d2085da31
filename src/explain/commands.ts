import { kubectl } from '../base/command.ts'
import { type CommandTemplate, command, grant } from './command-template.ts'

// Commands and instructions that several explanations and catalogue entries share.

const workloadIdentityPatch = (template: object): CommandTemplate => {
  const patch = ['--patch', JSON.stringify({ spec: { template } })]
  return () => kubectl(['-n', '…', 'patch', 'deployment', '…', ...patch])
}

export const addLabelToPodTemplate = workloadIdentityPatch({
  metadata: { labels: { 'azure.workload.identity/use': 'true' } },
})
export const setTokenGroup = workloadIdentityPatch({ spec: { securityContext: { fsGroup: 65534 } } })
export const removeProxySidecar = command(
  `kubectl -n … patch deployment … --type json --patch '[{"op":"remove","path":"/spec/template/metadata/annotations/azure.workload.identity~1inject-proxy-sidecar"}]'`,
)
export const annotateTokenLifetime = command(
  'kubectl -n … annotate serviceaccount … azure.workload.identity/service-account-token-expiration=3600 --overwrite',
)
export const restartDeployment = command('kubectl -n … rollout restart deployment/…')

export const refreshKubeconfig = command(
  'az aks get-credentials --overwrite-existing --resource-group … --name …',
)
export const showChart = command(
  'helm show chart workload-identity-webhook --repo https://azure.github.io/azure-workload-identity/charts',
)
export const setAudience = command('wi-setup federate --audience api://AzureADTokenExchange')
export const showTenant = command('az account show --query tenantId --output tsv')
export const listAppCredentials = command('az ad app credential list --id …')
export const listRoleAssignments = command('az role assignment list --scope … --output table')
export const listDeletedVaults = command('az keyvault list-deleted --output table')
export const listPolicyAssignments = command(
  'az policy assignment list --disable-scope-strict-match --query "[].{name:displayName, scope:scope}" --output table',
)
export const listCoreQuota = command('az vm list-usage --location … --output table')
export const readTokenPath =
  'Read the path from AZURE_FEDERATED_TOKEN_FILE in the application, or upgrade the application'

/** A federated credential for the service account that a rejected token is of. */
export const federateCaller = grant(
  command('wi-setup federate[ --namespace {namespace}][ --service-account {serviceAccount}]'),
)
