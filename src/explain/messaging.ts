import { advice, command } from './command-template.ts'
import type { Explanation } from './explanation.ts'

const noun = /sb:\/\/|servicebus|service ?bus|event ?hub|amqp/i

/** Service Bus and Event Hubs reject a request for other reasons than the role. */
export const messagingExplanations: readonly Explanation[] = [
  {
    codes: ['amqp:not-found', 'MessagingEntityNotFound'],
    message: /The messaging entity '(?<entity>(?:sb:\/\/)?[^']{1,300})' could not be found/i,
    check: 'WI907',
    what: 'The queue, topic, subscription or event hub {entity|that the application names} does not exist',
    why: [
      'Its name in the application is misspelt, or it was not created yet',
      'The application connects to another namespace',
    ],
    remedy: command('az servicebus queue list --resource-group … --namespace-name … --output table'),
  },
  {
    codes: ['MessagingLocalAuthDisabled'],
    message: /LocalAuthDisabled\b/i,
    context: noun,
    what: 'The Service Bus or Event Hubs namespace accepts tokens only, and the application uses a connection string',
    why: ['The application still signs in with a key or a connection string'],
    remedy:
      'Remove the connection string from the configuration of the application, and pass the host name of the namespace and DefaultAzureCredential to the client',
  },
  {
    codes: ['MessagingTokenRejected'],
    message:
      /InvalidIssuer\b|InvalidAudience: The authorization header contains a token with a wrong audience/i,
    context: noun,
    check: 'WI908',
    what: 'Service Bus or Event Hubs does not accept the token',
    why: [
      'AZURE_TENANT_ID is not the tenant that the namespace belongs to',
      'The token is for a different audience than https://servicebus.azure.net or https://eventhubs.azure.net',
    ],
    remedy: advice`Compare the tenant of the subscription with AZURE_TENANT_ID in the pod: ${command('az account show --query tenantId')}`,
  },
]
