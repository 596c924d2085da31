import { of, type Role, role } from './role.ts'

const cognitive = 'Microsoft.CognitiveServices'
const openAi = `${cognitive}/accounts/OpenAI`
const registries = 'Microsoft.ContainerRegistry/registries'
const repositories = `${registries}/repositories`
const roleReader = [
  'Microsoft.Authorization/roleAssignments/read',
  'Microsoft.Authorization/roleDefinitions/read',
]

/** Built-in roles of Azure OpenAI, Container Registry and Cosmos DB. */
export const applicationServiceRoles: Role[] = [
  role(
    '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd',
    'Cognitive Services OpenAI User',
    "Ability to view files, models, deployments. Readers can't make any changes They can inference and create images",
    {
      actions: [`${cognitive}/*/read`, ...roleReader],
      dataActions: of(
        openAi,
        '*/read',
        'engines/completions/action',
        'engines/search/action',
        'engines/generate/action',
        'deployments/audio/action',
        'deployments/search/action',
        'deployments/completions/action',
        'deployments/chat/completions/action',
        'deployments/realtime/action',
        'deployments/extensions/chat/completions/action',
        'deployments/embeddings/action',
        'images/generations/action',
        'assistants/*',
      ),
      notDataActions: of(openAi, 'stored-completions/read'),
    },
  ),
  role(
    'a001fd3d-188f-4b5d-821b-7da978bf7442',
    'Cognitive Services OpenAI Contributor',
    'Full access including the ability to fine-tune, deploy and generate text',
    {
      actions: [
        `${cognitive}/*/read`,
        ...of(
          `${cognitive}/accounts`,
          'deployments/write',
          'deployments/delete',
          'raiPolicies/read',
          'raiPolicies/write',
          'raiPolicies/delete',
          'commitmentplans/read',
          'commitmentplans/write',
          'commitmentplans/delete',
        ),
        ...roleReader,
      ],
      dataActions: [`${openAi}/*`],
    },
  ),
  role(
    'a97b65f3-24c7-4388-baec-2e87135dc908',
    'Cognitive Services User',
    'Lets you read and list keys of Cognitive Services.',
    {
      actions: [
        `${cognitive}/*/read`,
        `${cognitive}/accounts/listkeys/action`,
        'Microsoft.Resources/subscriptions/read',
        'Microsoft.Resources/subscriptions/resourceGroups/read',
        'Microsoft.Support/*',
      ],
      dataActions: [`${cognitive}/*`],
    },
  ),
  role(
    '53ca6127-db72-4b80-b1b0-d745d6d5456d',
    'Foundry User',
    'Grants reader access to AI projects, reader access to AI accounts, and data actions for an AI project.',
    {
      actions: [`${cognitive}/*/read`, `${cognitive}/accounts/listkeys/action`],
      dataActions: [`${cognitive}/*`],
    },
  ),
  role('c2f4ef07-c644-48eb-af81-4b1b4947fb11', 'AcrDelete', 'acr delete', {
    actions: of(registries, 'artifacts/delete'),
  }),
  role(
    'b93aa761-3e63-49ed-ac28-beffa264f7ac',
    'Container Registry Repository Reader',
    'Allows for read access to Container Registry repositories, but excluding catalog listing.',
    { dataActions: of(repositories, 'metadata/read', 'content/read') },
  ),
  role(
    '2a1e307c-b015-4ebd-883e-5b7698a07328',
    'Container Registry Repository Writer',
    'Allows for read and write access to Container Registry repositories, but excluding catalog listing.',
    { dataActions: of(repositories, 'metadata/read', 'content/read', 'metadata/write', 'content/write') },
  ),
  role(
    '2efddaa5-3f1f-4df3-97df-af3f13818f4c',
    'Container Registry Repository Contributor',
    'Allows for read, write, and delete access to Container Registry repositories, but excluding catalog listing.',
    {
      dataActions: of(
        repositories,
        'metadata/read',
        'content/read',
        'metadata/write',
        'content/write',
        'metadata/delete',
        'content/delete',
      ),
    },
  ),
  role(
    'bfdb9389-c9a5-478a-bb2f-ba9ca092c3c7',
    'Container Registry Repository Catalog Lister',
    'Allows for listing all repositories in an Azure Container Registry.',
    { dataActions: of(registries, 'catalog/read') },
  ),
  role(
    'fbdf93bf-df7d-467e-a4d2-9458aa1360c8',
    'Cosmos DB Account Reader Role',
    'Can read Azure Cosmos DB Accounts data',
    {
      actions: [
        'Microsoft.Authorization/*/read',
        'Microsoft.DocumentDB/*/read',
        'Microsoft.DocumentDB/databaseAccounts/readonlykeys/action',
        'Microsoft.Insights/MetricDefinitions/read',
        'Microsoft.Insights/Metrics/read',
        'Microsoft.Resources/subscriptions/resourceGroups/read',
        'Microsoft.Support/*',
      ],
    },
  ),
]
