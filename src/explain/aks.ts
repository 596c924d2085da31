import { fromCatalogue } from './catalogue/index.ts'
import { advice, command } from './command-template.ts'
import { listCoreQuota } from './commands.ts'
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
    what: 'The vCPU quota[ in {location}] is too small: {left|too few} available, {requested|more} required',
    why: fromCatalogue('WI807').why,
    remedy: command('az vm list-usage --location {location|…} --output table'),
  },
  {
    codes: ['ManagedClusterCountExceedsQuotaLimit'],
    values: [/Maximum allowed: (?<maximum>\d+)/],
    what: 'The subscription has reached its limit of AKS clusters[ ({maximum})]',
    why: ['Unused clusters were not deleted'],
    remedy: command('az aks list --output table'),
  },
  {
    codes: ['K8sVersionNotSupported', 'AgentPoolK8sVersionNotSupported'],
    values: [/version (?<version>\d+\.\d+\.\d+)/],
    what: 'AKS no longer offers Kubernetes[ {version}] in this region, or only with long-term support',
    why: [
      'The version is out of support',
      "--kubernetes-version names a version that this region doesn't offer",
    ],
    remedy: command('az aks get-versions --location … --output table'),
  },
  {
    codes: ['BadRequest', 'VMSizeNotSupported', 'SkuNotAvailable', 'SkuNotSupported'],
    message: /VM size of (?<size>\S+) is not allowed in your subscription in location '(?<location>[^']+)'/i,
    what: 'The VM size {size|requested} is not allowed in {location|this region}',
    why: ["The size is sold out in the region, or the subscription can't use it"],
    remedy: command(
      'az vm list-skus --location {location|…} --resource-type virtualMachines --size Standard_D2 --output table',
    ),
  },
  {
    codes: ['VMSizeNotSupported', 'SkuNotAvailable', 'SkuNotSupported', 'AvailabilityZoneNotSupported'],
    values: [/location '?(?<location>\w+)'?/i],
    what: 'The VM size or availability zone is not available[ in {location}]',
    why: ["It is sold out in the region, or the subscription can't use it"],
    remedy: 'Choose another size with --node-size, or another region with --location',
  },
  {
    codes: ['OperationNotAllowed'],
    message: /in progress (?<operation>[a-z ]+?) operation(?: \(operation ID: (?<id>[^)]+)\))?/i,
    context: codePattern('OperationNotAllowed'),
    what: 'AKS is still running another operation on the cluster[: {operation}]',
    why: [
      'An earlier run, an upgrade or another user is changing the cluster; AKS runs one operation at a time',
    ],
    remedy: 'Wait until the operation finishes, then run the same command again',
  },
  {
    codes: ['OperationNotAllowed'],
    services: ['arm'],
    message: /stopped|power ?state/i,
    context: codePattern('OperationNotAllowed'),
    values: [group],
    check: 'WI701',
    what: 'The cluster is stopped',
    why: ['It was stopped to save cost'],
    remedy: command('az aks start --resource-group {group|…} --name …'),
  },
  {
    codes: ['OperationNotAllowed'],
    services: ['arm'],
    message: /quota/i,
    context: codePattern('OperationNotAllowed'),
    what: 'The request exceeds a quota of the subscription',
    why: ['Too many vCPUs, IP addresses or clusters are in use in the region'],
    remedy: listCoreQuota,
  },
  {
    codes: ['AKSOperationPreempted', 'AKSOperationPreemptedByDelete'],
    what: 'Another operation replaced this one on the cluster',
    why: ['Another user or tool deleted or changed the cluster at the same time'],
    remedy: 'Run the same command again',
  },
  {
    codes: ['OIDCIssuerFeatureCannotBeDisabled'],
    what: "The OIDC issuer of an AKS cluster can't be disabled once it is enabled",
    why: ['A tool updates the cluster without oidcIssuerProfile.enabled: true'],
    remedy:
      'Keep the issuer enabled in that tool (az: --enable-oidc-issuer, Terraform: oidc_issuer_enabled = true)',
  },
  {
    codes: ['BadRequest'],
    message: /Getting static credential is not allowed/i,
    check: 'WI701',
    what: 'The cluster has no local accounts; only Entra users can sign in',
    why: ['Local accounts are disabled, as in AKS Automatic'],
    remedy: command('az aks get-credentials --resource-group … --name … --format exec'),
  },
  {
    codes: ['AuthorizedIpRanges'],
    message: /API server of cluster (?<cluster>[\w-]+) in resource group (?<group>\S+) does not respond/,
    values: [/authorized IP ranges: (?<listed>[\da-f.:/, ]+)/i],
    derive: ({ listed }) => (listed ? { ranges: listed.trim().replaceAll(', ', ',') } : {}),
    check: 'WI701',
    what: "The cluster's authorized IP ranges don't include this machine's public address",
    why: [
      'The owner of the cluster limits access to its API server to certain networks[: {ranges}]',
      'This machine has a new address, or uses a VPN or proxy with another one',
    ],
    remedy: advice`Run the command from an address in these ranges. Or ask the owner of the cluster to add the public address of this machine to the list: ${command('az aks update --resource-group {group|…} --name {cluster|…} --api-server-authorized-ip-ranges {ranges|…},…')}`,
  },
  {
    codes: ['NoKubeconfig'],
    check: 'WI701',
    what: 'AKS returned no kubeconfig for the cluster',
    why: ['The cluster is still being created, or failed to create'],
    remedy: command('az aks show --resource-group … --name … --query provisioningState'),
  },
  {
    codes: ['InvalidParameter'],
    services: ['arm'],
    message: /parameter (?<parameter>dnsPrefix|[\w.]*name) is invalid/i,
    what: 'AKS rejects the value of {parameter|a parameter}',
    why: ['The name is too long or contains invalid characters'],
    remedy: 'Choose another name with --cluster',
  },
  {
    codes: ['SubnetIsFull', 'InsufficientSubnetSize'],
    what: 'The subnet has too few free IP addresses for the nodes',
    why: ['The network plugin assigns one address to each pod'],
    remedy: 'Use fewer nodes (--node-count) or a larger subnet',
  },
  {
    codes: ['PublicIPCountLimitReached'],
    what: 'The subscription has reached its limit of public IP addresses in this region',
    why: ['Each cluster uses one address, and unused addresses were not deleted'],
    remedy: command(
      'az network public-ip list --query "[?ipConfiguration==null].{name:name, group:resourceGroup}" --output table',
    ),
  },
  {
    codes: ['ServicePrincipalValidationClientError'],
    what: "AKS can't sign in with the cluster's own service principal",
    why: ['Its secret has expired, or the service principal was deleted'],
    remedy: command(
      'az aks update-credentials --reset-service-principal --resource-group … --name … --service-principal … --client-secret …',
    ),
  },
  {
    codes: ['VMExtensionProvisioningError', 'OutboundConnFailVMExtensionError'],
    what: "The nodes did not start because they can't reach required endpoints",
    why: ['A firewall, a route or a DNS server of the network blocks the connection'],
    remedy: command('az aks check-network outbound --resource-group … --name …'),
  },
  {
    codes: ['ReservedResourceName'],
    values: [/name '?(?<name>[\w-]+)'?/],
    what: 'The name[ {name}] contains a word that Azure reserves',
    why: ["Names can't contain microsoft, windows, azure or login"],
    remedy: 'Choose another name with --cluster',
  },
]
