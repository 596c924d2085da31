import { codePattern, type Explanation } from './explanation.ts'

const group = /resourcegroups\/(?<group>[^/'"\s]+)/i

/** Azure Kubernetes Service. */
export const aksExplanations: readonly Explanation[] = [
  {
    codes: ['ErrCode_InsufficientVCPUQuota', 'InsufficientVCPUQuota', 'QuotaExceeded'],
    values: [
      /location (?<location>\w+)/,
      /left regional vcpu quota (?<left>\d+), requested quota (?<requested>\d+)/,
      /Maximum allowed: (?<maximum>\d+), Current in use: (?<used>\d+), Additional requested: (?<requested>\d+)/,
    ],
    derive: ({ maximum, used }) => (maximum && used ? { left: String(Number(maximum) - Number(used)) } : {}),
    what: 'The quota of processor cores[ in {location}] is too small: {left|too few} are left, {requested|more} are needed',
    why: ['each location has its own quota; trial subscriptions have 4 cores or fewer'],
    remedy: 'az vm list-usage --location {location|…} --output table',
  },
  {
    codes: ['ManagedClusterCountExceedsQuotaLimit'],
    values: [/Maximum allowed: (?<maximum>\d+)/],
    what: 'The subscription has as many AKS clusters as it may[ ({maximum})]',
    why: ['old clusters were not deleted'],
    remedy: 'az aks list --output table',
  },
  {
    codes: ['K8sVersionNotSupported', 'AgentPoolK8sVersionNotSupported'],
    values: [/version (?<version>\d+\.\d+\.\d+)/],
    what: 'AKS does not offer Kubernetes[ {version}] here any more, or only with long-term support',
    why: ['the version has run out of support', '--kubernetes-version names one that this location has not'],
    remedy: 'az aks get-versions --location … --output table',
  },
  {
    codes: ['BadRequest', 'VMSizeNotSupported', 'SkuNotAvailable', 'SkuNotSupported'],
    message: /VM size of (?<size>\S+) is not allowed in your subscription in location '(?<location>[^']+)'/i,
    what: 'The VM size {size|given} is not allowed in {location|this location}',
    why: ['the size is sold out there, or the subscription may not use it'],
    remedy:
      'az vm list-skus --location {location|…} --resource-type virtualMachines --size Standard_D2 --output table',
  },
  {
    codes: ['VMSizeNotSupported', 'SkuNotAvailable', 'SkuNotSupported', 'AvailabilityZoneNotSupported'],
    values: [/location '?(?<location>\w+)'?/i],
    what: 'The VM size or zone is not available[ in {location}]',
    why: ['it is sold out there, or the subscription may not use it'],
    remedy: 'Choose another size with --node-size, or another location with --location',
  },
  {
    codes: ['OperationNotAllowed'],
    message: /in progress (?<operation>[a-z ]+?) operation(?: \(operation ID: (?<id>[^)]+)\))?/i,
    context: codePattern('OperationNotAllowed'),
    what: 'AKS is still at work on the cluster ({operation|another operation})',
    why: ['an earlier run, an upgrade or somebody else changes it; AKS does one thing at a time'],
    remedy: 'Wait until it has finished, then run the same command again',
  },
  {
    codes: ['OperationNotAllowed'],
    services: ['arm'],
    message: /stopped|power ?state/i,
    context: codePattern('OperationNotAllowed'),
    values: [group],
    check: 'WI701',
    what: 'The cluster is stopped',
    why: ['it was stopped to save money'],
    remedy: 'az aks start --resource-group {group|…} --name …',
  },
  {
    codes: ['OperationNotAllowed'],
    services: ['arm'],
    message: /quota/i,
    context: codePattern('OperationNotAllowed'),
    what: 'A quota of the subscription does not allow this',
    why: ['too many cores, addresses or clusters are in use in the location'],
    remedy: 'az vm list-usage --location … --output table',
  },
  {
    codes: ['AKSOperationPreempted', 'AKSOperationPreemptedByDelete'],
    what: 'Another operation on the cluster took the place of ours',
    why: ['the cluster was deleted or changed by somebody else at the same time'],
    remedy: 'Run the same command again',
  },
  {
    codes: ['OIDCIssuerFeatureCannotBeDisabled'],
    what: 'The OIDC issuer of an AKS cluster cannot be switched off again',
    why: ['a tool sends the cluster without `oidcIssuerProfile.enabled: true`'],
    remedy:
      'Keep the issuer on in that tool (az: --enable-oidc-issuer, Terraform: oidc_issuer_enabled = true)',
  },
  {
    codes: ['BadRequest'],
    message: /Getting static credential is not allowed/i,
    check: 'WI701',
    what: 'The cluster has no local accounts; only Entra users may sign in to it',
    why: ['local accounts are switched off, as in AKS Automatic'],
    remedy: 'az aks get-credentials --resource-group … --name … --format exec',
  },
  {
    codes: ['NoKubeconfig'],
    check: 'WI701',
    what: 'AKS gave no kubeconfig for the cluster',
    why: ['the cluster is still being made, or has failed'],
    remedy: 'az aks show --resource-group … --name … --query provisioningState',
  },
  {
    codes: ['InvalidParameter'],
    services: ['arm'],
    message: /parameter (?<parameter>dnsPrefix|[\w.]*name) is invalid/i,
    what: 'AKS does not accept the value of {parameter|a parameter}',
    why: ['the name has signs that are not allowed, or is too long'],
    remedy: 'Choose another name with --cluster',
  },
  {
    codes: ['SubnetIsFull', 'InsufficientSubnetSize'],
    what: 'The subnet has too few free addresses for the nodes',
    why: ['the network plugin takes an address for each pod'],
    remedy: 'Ask for fewer nodes with --node-count, or for a larger subnet',
  },
  {
    codes: ['PublicIPCountLimitReached'],
    what: 'The subscription has as many public addresses in this location as it may',
    why: ['each cluster takes one; unused ones were not deleted'],
    remedy:
      'az network public-ip list --query "[?ipConfiguration==null].{name:name, group:resourceGroup}" --output table',
  },
  {
    codes: ['ServicePrincipalValidationClientError'],
    what: "AKS cannot sign in with the cluster's own service principal",
    why: ['its secret has expired, or it was deleted'],
    remedy:
      'az aks update-credentials --reset-service-principal --resource-group … --name … --service-principal … --client-secret …',
  },
  {
    codes: ['VMExtensionProvisioningError', 'OutboundConnFailVMExtensionError'],
    what: 'The nodes did not come up: they cannot reach what they need',
    why: ['a firewall, route or DNS server of the network stands in the way'],
    remedy: 'az aks check-network outbound --resource-group … --name …',
  },
  {
    codes: ['ReservedResourceName'],
    values: [/name '?(?<name>[\w-]+)'?/],
    what: 'The name[ {name}] holds a word that Azure keeps for itself',
    why: ['names with microsoft, windows, azure or login are not allowed'],
    remedy: 'Choose another name with --cluster',
  },
]
