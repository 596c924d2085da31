import { accountOperations, accountRoutes, deleteAccount } from '../accounts/accounts.ts'
import { type ProxyType, proxyRoutes } from '../accounts/proxy-resources.ts'
import { ArmError } from '../errors.ts'
import type { ResourceProvider } from '../provider.ts'
import { accountTypeName, cognitiveAccount, domainRoute } from './accounts.ts'

const versions = ['2025-09-01', '2025-06-01', '2024-10-01', '2023-05-01', '2022-12-01']

/** A model that an account serves under a name of its own. */
export const modelDeployment: ProxyType = {
  type: `${accountTypeName}/deployments`,
  shape: {
    sku: { name: 'string', capacity: 'number' },
    properties: { model: { format: 'string', name: 'string', version: 'string' } },
  },
  absent: () => new ArmError(404, 'ResourceNotFound', 'The requested resource does not exist.'),
  members(_, { sku, properties }) {
    const model = properties?.model as { format?: string; name?: string; version?: string } | undefined
    if (!model?.format || !model.name)
      throw new ArmError(400, 'InvalidResourceProperties', 'The model format and name are required.')
    if (!sku?.name) throw new ArmError(400, 'InvalidResourceProperties', "The property 'sku' is required.")
    return {
      sku,
      properties: {
        model: { version: '1', ...model },
        versionUpgradeOption: 'OnceNewDefaultVersionAvailable',
        capabilities: { chatCompletion: 'true' },
        provisioningState: 'Succeeded',
      },
    }
  },
}

/** Azure OpenAI, and the other kinds of Cognitive Services accounts. */
export const cognitiveServicesProvider: ResourceProvider = {
  namespace: 'Microsoft.CognitiveServices',
  types: [
    { name: 'accounts', versions },
    { name: 'accounts/deployments', versions },
    { name: 'checkDomainAvailability', versions, global: true },
    { name: 'locations', versions, global: true },
    { name: 'operations', versions, global: true },
  ],
  routes: [...accountRoutes(cognitiveAccount), domainRoute, ...proxyRoutes(modelDeployment)],
  deleteResource: (simulator, resource) => deleteAccount(simulator, cognitiveAccount, resource),
  operations: accountOperations(cognitiveAccount),
}
