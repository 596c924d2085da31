import { recentRole } from './causes.ts'
import { advice, command } from './command-template.ts'
import type { Explanation } from './explanation.ts'

const notAllowed = "The cluster's outgoing address is not in the firewall's rules"
const privateEndpoint = 'Public network access is disabled, so only a private endpoint reaches it'
const keyInUse = 'The application still signs in with a key or a connection string'
const useIdentity =
  'Remove the key from the configuration of the application, and pass DefaultAzureCredential to the client'
const otherTenant = 'AZURE_TENANT_ID is not the tenant that the resource belongs to'

/** App Configuration, Cosmos DB, Azure OpenAI and Container Registry reject a request, although the sign-in succeeded. */
export const applicationServiceExplanations: readonly Explanation[] = [
  {
    codes: ['Http403'],
    services: ['appconfig'],
    message: /^The service returned status 403 without a reason$/,
    check: 'WI903',
    what: 'The identity has no data role on the App Configuration store, which gives no reason when it refuses a request',
    why: ['App Configuration Data Reader is missing; Contributor and Reader are not enough', recentRole],
    remedy: command('az role assignment list --scope … --output table'),
  },
  {
    codes: ['ip-address-rejected', 'nsp-rejected'],
    services: ['appconfig'],
    check: 'WI906',
    what: 'The App Configuration store can be reached through a private endpoint only',
    why: [privateEndpoint],
    remedy: command('az appconfig show --name … --query publicNetworkAccess'),
  },
  {
    codes: ['Http401'],
    services: ['appconfig'],
    message: /^The service returned status 401 without a reason$/,
    check: 'WI908',
    what: 'The App Configuration store does not accept the token',
    why: [otherTenant, 'The token is for a different audience than https://appconfig.azure.com'],
    remedy: command('az appconfig show --name … --query endpoint'),
  },
  {
    codes: ['Http401'],
    services: ['openai'],
    message: /Access token is missing, invalid, audience is incorrect/i,
    check: 'WI908',
    what: 'Azure OpenAI does not accept the token',
    why: [
      'The token is for a different audience than https://cognitiveservices.azure.com',
      'The token has expired: the client must ask for a new one before each request',
    ],
    remedy:
      'Pass a token provider for the scope https://cognitiveservices.azure.com/.default to the client, instead of a token',
  },
  {
    codes: ['Tenant provided in token does not match resource token'],
    message: /Token tenant \S{1,60} does not match resource tenant/i,
    check: 'WI908',
    what: 'The token is from a different tenant than the Azure OpenAI account',
    why: [otherTenant],
    remedy: command('az account show --query tenantId'),
  },
  {
    codes: ['CustomSubdomainMissing'],
    message: /Please provide a custom subdomain for token authentication/i,
    check: 'WI902',
    what: 'The Azure OpenAI account has no custom subdomain, and accepts keys only',
    why: ['It was created without one, so it shares the endpoint of its region'],
    remedy: command('az cognitiveservices account update --resource-group … --name … --custom-domain …'),
  },
  {
    codes: ['OpenAiFirewall'],
    message: /Access denied due to Virtual Network\/Firewall rules/i,
    check: 'WI905',
    what: 'The firewall of the Azure OpenAI account blocks the caller',
    why: [notAllowed],
    remedy: command('az cognitiveservices account network-rule list --resource-group … --name …'),
  },
  {
    codes: ['OpenAiPrivate'],
    message: /Public access is disabled\. Please configure private endpoint/i,
    check: 'WI906',
    what: 'The Azure OpenAI account can be reached through a private endpoint only',
    why: [privateEndpoint],
    remedy: command(
      'az cognitiveservices account show --resource-group … --name … --query properties.publicNetworkAccess',
    ),
  },
  {
    codes: ['DeploymentNotFound'],
    check: 'WI907',
    what: 'The Azure OpenAI account has no deployment of this name',
    why: [
      'The client must pass the name of the deployment, not that of the model',
      'The deployment was created less than 5 minutes ago',
    ],
    remedy: command(
      'az cognitiveservices account deployment list --resource-group … --name … --output table',
    ),
  },
  {
    codes: ['AuthenticationTypeDisabled'],
    message: /Key based authentication is disabled/i,
    what: 'The Azure OpenAI account accepts tokens only, and the application sends a key',
    why: [keyInUse],
    remedy: useIdentity,
  },
  {
    codes: ['DENIED'],
    message: /client with IP '(?<address>[\d.:a-f]{3,45})' is not allowed access/i,
    check: 'WI905',
    what: 'The firewall of the container registry blocks {address|the caller}',
    why: [notAllowed, privateEndpoint],
    remedy: command('az acr network-rule list --name …'),
  },
  {
    codes: ['AcrTokenRejected'],
    services: ['acr'],
    message: /token validation failed/i,
    check: 'WI908',
    what: 'The container registry does not accept the token',
    why: [
      'The registry refuses tokens for Azure Resource Manager; clients must ask for https://containerregistry.azure.net',
      otherTenant,
    ],
    remedy: command('az acr config authentication-as-arm show --registry …'),
  },
  {
    codes: ['AcrUnauthorized'],
    message: /authentication required, visit https:\/\/aka\.ms\/acr\/authorization/i,
    check: 'WI904',
    what: 'The identity has no role that counts in the container registry',
    why: [
      'In a registry with repository permissions, AcrPull and AcrPush give no access: Container Registry Repository Reader does',
      recentRole,
    ],
    remedy: command('az acr show --name … --query roleAssignmentMode'),
  },
  {
    codes: ['CosmosOtherTenant'],
    message: /AAD token was issued by the authority \[?(?<issuer>[^\]\s]{1,120})\]? which is not trusted/i,
    check: 'WI908',
    what: 'The token is from a different tenant than the Cosmos DB account',
    why: [otherTenant],
    remedy: command('az account show --query tenantId'),
  },
  {
    codes: ['CosmosLocalAuthDisabled'],
    message: /Local Authorization is disabled\. Use an AAD token/i,
    what: 'The Cosmos DB account accepts tokens only, and the application sends a key',
    why: [keyInUse],
    remedy: useIdentity,
  },
  {
    codes: ['CosmosNotByToken'],
    message: /The given request \[(?<request>[^\]]{1,120})\] cannot be authorized by AAD token/i,
    what: 'Cosmos DB allows no identity to create databases and containers: {request|the request} needs Azure Resource Manager',
    why: ['The application creates its database or container at the start, as with createIfNotExists'],
    remedy: advice`Create them beforehand, and only open them in the application: ${command('az cosmosdb sql container create --resource-group … --account-name … --database-name … --name … --partition-key-path …')}`,
  },
  {
    codes: ['AppConfigPrivate'],
    message: /azconfig\.io\/errors\/(?:ip-address|nsp)-rejected/i,
    check: 'WI906',
    what: 'The App Configuration store can be reached through a private endpoint only',
    why: [privateEndpoint],
    remedy: command('az appconfig show --name … --query publicNetworkAccess'),
  },
  {
    codes: ['AppConfigTokenRejected'],
    message:
      /error_description="?(?:Authorization token failed validation|[^"]{0,120}from the wrong issuer)/i,
    context: /azconfig|HMAC-SHA256/i,
    check: 'WI908',
    what: 'The App Configuration store does not accept the token',
    why: [otherTenant, 'The token is for a different audience than https://appconfig.azure.com'],
    remedy: command('az appconfig show --name … --query endpoint'),
  },
  {
    codes: ['CosmosPrincipalNotFound'],
    message: /The provided principal ID \[(?<principal>[^\]\s]{1,60})\] was not found in the AAD tenant/i,
    check: 'WI903',
    what: 'The role assignment of Cosmos DB names a principal that does not exist: {principal|the ID}',
    why: [
      'It is the client ID; roles are assigned to the object ID of the service principal',
      'The service principal belongs to another tenant, or was deleted',
    ],
    remedy: command('az ad sp show --id … --query id'),
  },
  {
    codes: ['NAME_UNKNOWN', 'MANIFEST_UNKNOWN'],
    check: 'WI907',
    what: 'The container registry has no such repository or tag',
    why: ['The name or the tag of the image is misspelt', 'The image was never pushed, or was deleted'],
    remedy: command('az acr repository list --name … --output table'),
  },
]
