import { advice, command } from './command-template.ts'
import type { Explanation } from './explanation.ts'

const propagation = 'The role was assigned in the last 10 minutes, or to another identity'

/** Authorization errors of Cosmos DB, Service Bus, Event Hubs, Azure OpenAI and SQL. The sign-in itself succeeded. */
export const dataPlaneExplanations: readonly Explanation[] = [
  {
    codes: ['CosmosForbidden'],
    message:
      /principal \[(?<principal>[0-9a-f-]{36})\] does not have required RBAC permissions to perform action \[(?<action>[^\]]{1,200})\]/i,
    values: [/blocked by Auth (?<account>[\w-]{1,60})/],
    what: 'The principal {principal|} has no data role in Cosmos DB[ {account}] for {action|this action}',
    why: [
      "Cosmos DB has its own data roles; Azure roles such as Contributor don't grant access to data",
      propagation,
    ],
    remedy: command(
      'az cosmosdb sql role assignment create --resource-group … --account-name … --role-definition-name … --principal-id … --scope /',
    ),
  },
  {
    codes: ['CosmosFirewall'],
    message: /blocked by your Cosmos DB account firewall settings/i,
    values: [/originated from IP (?<address>[\d.]{7,15})/],
    what: 'The firewall of the Cosmos DB account blocks {address|the caller}',
    why: ["The cluster's outgoing address is not allowed, or a private endpoint is required"],
    remedy: command('az cosmosdb show --resource-group … --name … --query ipRules'),
  },
  {
    codes: ['MessagingUnauthorized'],
    message:
      /'(?<claim>Listen|Send|Manage)' claim\(s\) are required to perform this operation|Unauthorized access for '(?<claim2>\w{1,20})' operation on endpoint|CBS Token (?:authentication failed|error)|CBS Put token error|amqp:unauthorized-access/i,
    derive: ({ claim, claim2 }) => ({ claim: claim ?? claim2, claim2: undefined }),
    values: [/Resource: 'sb:\/\/(?<host>[^/'\s]{1,200})/],
    what: 'Service Bus or Event Hubs[ ({host})] refuses the identity[, which lacks {claim}]',
    why: [
      'The identity has no Azure Service Bus or Event Hubs Data role (Receiver, Sender or Owner) on the namespace',
      'The application connects to another namespace',
      propagation,
    ],
    remedy: command('az role assignment list --assignee … --all --include-inherited --output table'),
  },
  {
    codes: ['MessagingFirewall'],
    message: /Ip has been prevented to connect to the endpoint/i,
    what: 'The firewall of the Service Bus or Event Hubs namespace blocks the caller',
    why: ["The cluster's outgoing address is not allowed, or a private endpoint is required"],
    remedy: command('az servicebus namespace network-rule-set list --resource-group … --namespace-name …'),
  },
  {
    codes: ['OpenAiForbidden'],
    message:
      /The principal `?(?<principal>[0-9a-f-]{36})`? lacks the required data action|Principal does not have access to API\/Operation/i,
    what: 'The principal[ {principal}] has no role on the Azure OpenAI resource',
    why: [
      "The role Cognitive Services OpenAI User is missing; Owner and Contributor don't grant access to data",
      propagation,
    ],
    remedy: command('az role assignment list --scope … --output table'),
  },
  {
    codes: ['MessagingUnauthorized'],
    message: /Attempted to perform an unauthorized operation/i,
    context: /event ?hub|service ?bus|sb:\/\/|amqp/i,
    what: 'Service Bus or Event Hubs refuses the identity',
    why: [
      'The identity has no Azure Service Bus or Event Hubs Data role (Receiver, Sender or Owner) on the namespace',
      propagation,
    ],
    remedy: command('az role assignment list --assignee … --all --include-inherited --output table'),
  },
  {
    codes: ['SqlLoginFailed'],
    message: /Login failed for user '<token-identified principal>'/i,
    what: 'Azure SQL accepts the token, but the identity is not a user of the database',
    why: [
      "The database has its own users; Azure roles such as Contributor don't grant access to data",
      'The connection string names no database, so Azure SQL looks for the user in master',
    ],
    remedy:
      'Run in the database, signed in as its Entra administrator: CREATE USER [name of the identity] FROM EXTERNAL PROVIDER, then add the user to a role, such as db_datareader',
  },
  {
    codes: ['SqlPrivate'],
    message: /Deny Public Network Access is set to Yes/i,
    what: 'The SQL server is only reachable through a private endpoint',
    why: ["Public network access is disabled, and the caller is not in the server's network"],
    remedy: advice`Create a private endpoint for the server and link the private DNS zone privatelink.database.windows.net to the network of the cluster. To see what exists: ${command('az sql server show --resource-group … --name … --query privateEndpointConnections')}`,
  },
  {
    codes: ['PrivateService'],
    message: /Public network access (?:is|for this \w{1,20} is) disabled(?! and request)/i,
    context: /azconfig|app ?configuration|cognitive|openai|servicebus|event ?hub|azurecr|search\.windows/i,
    what: 'The service is only reachable through a private endpoint',
    why: ['Public network access is disabled, and the caller is not in the network of the service'],
    remedy:
      'Create a private endpoint for the service and link its private DNS zone to the network of the cluster; the application keeps using the ordinary name',
  },
]
