import { command } from '../command-template.ts'
import { refreshKubeconfig } from '../commands.ts'
import type { CatalogueEntry } from './entry.ts'

/** WI7xx: the cluster, and tools on the user's machine. */
export const clusterEntries: readonly CatalogueEntry[] = [
  {
    code: 'WI701',
    what: "The cluster's API server doesn't respond, or rejects your credentials",
    errorMessages: [
      'Getting static credential is not allowed because this cluster is set to disable local accounts.',
      'getaddrinfo ENOTFOUND ….azmk8s.io, ECONNREFUSED',
    ],
    why: [
      'The cluster is stopped or private',
      "The cluster's authorized IP ranges don't include the public address of this machine",
      'The cluster accepts only Entra users (AKS Automatic, or local accounts disabled), so the kubeconfig needs kubelogin',
      'The kubeconfig belongs to a deleted cluster',
    ],
    remedy: refreshKubeconfig,
    manualChecks: [
      command(
        'az aks show --resource-group … --name … --query "{power:powerState.code, private:apiServerAccessProfile.enablePrivateCluster, local:disableLocalAccounts}"',
      ),
      command('kubectl get --raw /version'),
    ],
  },
  {
    code: 'WI702',
    what: "Your Kubernetes permissions don't allow this",
    errorMessages: ['… is forbidden: User "…" cannot … resource "…" in API group "…"'],
    why: [
      'You lack a Kubernetes role (RBAC) in the cluster',
      'On a cluster with Azure RBAC for Kubernetes, you lack the role "Azure Kubernetes Service RBAC Writer" or "Azure Kubernetes Service RBAC Cluster Admin"',
    ],
    remedy: command('wi-setup permissions | kubectl apply --filename -'),
    manualChecks: [
      command('kubectl auth can-i --list --namespace …'),
      command('az aks show --resource-group … --name … --query aadProfile'),
    ],
  },
  {
    code: 'WI703',
    what: 'The Azure CLI is too old for the OIDC issuer and workload identity',
    errorMessages: ['OIDCIssuerFeatureFlagNotEnabled', 'unrecognized arguments: --enable-oidc-issuer'],
    why: ['az is older than 2.47, or an old aks-preview extension is installed'],
    remedy: command('az upgrade'),
    manualChecks: [command('az version')],
  },
  {
    code: 'WI704',
    what: "Workload identity can't be enabled without the OIDC issuer",
    errorMessages: ['oidc_issuer_enabled must be set to true to enable Azure AD Workload Identity'],
    why: ['Terraform or another tool enables only workload identity'],
    remedy: command('wi-setup cluster'),
    manualChecks: [
      command(
        'az aks show --resource-group … --name … --query "{issuer:oidcIssuerProfile.enabled, workloadIdentity:securityProfile.workloadIdentity.enabled}"',
      ),
    ],
  },
  {
    code: 'WI705',
    what: "Service Connector can't pull the image of its own extension",
    errorMessages: ['Failed to pull image "scaksextension.azurecr.io/…": 401, not found'],
    why: ['The extension in the cluster is outdated'],
    remedy: command(
      'az k8s-extension update --cluster-type managedClusters --resource-group … --cluster-name … --name sc-extension --auto-upgrade-minor-version true',
    ),
    manualChecks: [
      command(
        'az k8s-extension list --cluster-type managedClusters --resource-group … --cluster-name … --output table',
      ),
    ],
  },
  {
    code: 'WI706',
    what: 'TLS certificates are not verified',
    errorMessages: [
      'Warning: Setting the NODE_TLS_REJECT_UNAUTHORIZED environment variable to 0 makes TLS connections and HTTPS requests insecure',
    ],
    why: [
      'The kubeconfig has insecure-skip-tls-verify: true',
      "NODE_TLS_REJECT_UNAUTHORIZED=0 is left over from debugging, or was set because of a proxy: set NODE_EXTRA_CA_CERTS to the proxy's CA instead",
    ],
    remedy: command('kubectl config set-cluster NAME --insecure-skip-tls-verify=false'),
    manualChecks: [command('kubectl config view --minify')],
  },
]
