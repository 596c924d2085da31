// Commands and instructions that several explanations and catalogue entries share.

const workloadIdentityPatch = (template: object) =>
  `kubectl -n … patch deployment … --patch '${JSON.stringify({ spec: { template } })}'`

export const addLabelToPodTemplate = workloadIdentityPatch({
  metadata: { labels: { 'azure.workload.identity/use': 'true' } },
})
export const setTokenGroup = workloadIdentityPatch({ spec: { securityContext: { fsGroup: 65534 } } })
export const removeProxySidecar = `kubectl -n … patch deployment … --type json --patch '[{"op":"remove","path":"/spec/template/metadata/annotations/azure.workload.identity~1inject-proxy-sidecar"}]'`
export const annotateTokenLifetime =
  'kubectl -n … annotate serviceaccount … azure.workload.identity/service-account-token-expiration=3600 --overwrite'
export const restartDeployment = 'kubectl -n … rollout restart deployment/…'

export const refreshKubeconfig = 'az aks get-credentials --overwrite-existing --resource-group … --name …'
export const showChart =
  'helm show chart workload-identity-webhook --repo https://azure.github.io/azure-workload-identity/charts'
export const setAudience = 'npx wi-setup federate --audience api://AzureADTokenExchange'
export const showTenant = 'az account show --query tenantId --output tsv'
export const listAppCredentials = 'az ad app credential list --id …'
export const listRoleAssignments = 'az role assignment list --scope … --output table'
export const listDeletedVaults = 'az keyvault list-deleted --output table'
export const listPolicyAssignments =
  'az policy assignment list --disable-scope-strict-match --query "[].{name:displayName, scope:scope}" --output table'
export const listCoreQuota = 'az vm list-usage --location … --output table'
export const readTokenPath =
  'Read the path from AZURE_FEDERATED_TOKEN_FILE in the application, or upgrade the application'
