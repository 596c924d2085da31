import type { CatalogueEntry } from './entry.ts'

/** WI7xx: the cluster and the tools. */
export const clusterEntries: readonly CatalogueEntry[] = [
  {
    code: 'WI701',
    what: "The cluster's API server does not answer, or does not let you in",
    errorMessages: [
      'Getting static credential is not allowed because this cluster is set to disable local accounts.',
      'getaddrinfo ENOTFOUND ….azmk8s.io, ECONNREFUSED',
    ],
    why: [
      'the cluster is stopped or private',
      'it takes only Entra users (AKS Automatic, or local accounts switched off): the kubeconfig needs kubelogin',
      'the kubeconfig is of a cluster that is gone',
    ],
    remedy: 'az aks get-credentials --overwrite-existing --resource-group … --name …',
    manualChecks: [
      'az aks show --resource-group … --name … --query "{power:powerState.code, private:apiServerAccessProfile.enablePrivateCluster, local:disableLocalAccounts}"',
      'kubectl get --raw /version',
    ],
  },
  {
    code: 'WI702',
    what: 'The cluster knows you, and does not let you do this',
    errorMessages: ['… is forbidden: User "…" cannot … resource "…" in API group "…"'],
    why: [
      "the cluster's own roles (RBAC) are missing",
      'with Azure RBAC for Kubernetes: the role "Azure Kubernetes Service RBAC Writer" or "Cluster Admin" is missing',
    ],
    remedy: 'npx wi-setup permissions | kubectl apply --filename -',
    manualChecks: [
      'kubectl auth can-i --list --namespace …',
      'az aks show --resource-group … --name … --query aadProfile',
    ],
  },
  {
    code: 'WI703',
    what: 'The Azure CLI is too old for the OIDC issuer',
    errorMessages: ['OIDCIssuerFeatureFlagNotEnabled', 'unrecognized arguments: --enable-oidc-issuer'],
    why: ['az before 2.47, or an old aks-preview extension'],
    remedy: 'az upgrade',
    manualChecks: ['az version'],
  },
  {
    code: 'WI704',
    what: 'Workload identity was to be switched on without the OIDC issuer',
    errorMessages: ['oidc_issuer_enabled must be set to true to enable Azure AD Workload Identity'],
    why: ['Terraform (or another tool) sets one of the two only'],
    remedy: 'npx wi-setup cluster',
    manualChecks: [
      'az aks show --resource-group … --name … --query "{issuer:oidcIssuerProfile.enabled, workloadIdentity:securityProfile.workloadIdentity.enabled}"',
    ],
  },
  {
    code: 'WI705',
    what: 'Service Connector cannot pull the image of its own extension',
    errorMessages: ['Failed to pull image "scaksextension.azurecr.io/…": 401, not found'],
    why: ['the extension in the cluster is out of date'],
    remedy:
      'az k8s-extension update --cluster-type managedClusters --resource-group … --cluster-name … --name sc-extension --auto-upgrade-minor-version true',
    manualChecks: [
      'az k8s-extension list --cluster-type managedClusters --resource-group … --cluster-name … --output table',
    ],
  },
]
