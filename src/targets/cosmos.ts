import { cosmosAccess } from './cosmos-access.ts'
import type { Target } from './target.ts'

const items = 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items'

/** Returns `dbs/shop/colls/orders` for `shop/orders`. */
const pathOf = (entity: string) => {
  const [database, container] = entity.split('/')
  return container === undefined ? `dbs/${database}` : `dbs/${database}/colls/${container}`
}

/** Items of a Cosmos DB for NoSQL account, of a database or of a container. Source: data plane security reference. */
export const cosmos: Target = {
  name: 'cosmos',
  form: 'cosmos:ACCOUNT[/DATABASE[/CONTAINER]]',
  example: 'cosmos:shop-cosmos/shop/orders=reader',
  type: 'Microsoft.DocumentDB/databaseAccounts',
  apiVersion: '2024-11-15',
  resourceTitle: 'Cosmos DB account',
  roles: [
    {
      word: 'reader',
      id: '00000000-0000-0000-0000-000000000001',
      name: 'Cosmos DB Built-in Data Reader',
      action: `${items}/read`,
      plane: 'data',
    },
    {
      word: 'contributor',
      id: '00000000-0000-0000-0000-000000000002',
      name: 'Cosmos DB Built-in Data Contributor',
      action: `${items}/create`,
      plane: 'data',
    },
  ],
  names: {
    allowed:
      'account: 3 to 44 lowercase letters, digits and hyphens; database and container: up to 255 characters without / \\ ? #',
    resource: /^[a-z0-9][a-z0-9-]{1,42}[a-z0-9]$/,
    entity: /^[^/\\?#\s=]{1,255}(?:\/[^/\\?#\s=]{1,255})?$/,
  },
  label: (account, entity) => `items of ${entity === undefined ? account : `${entity} in ${account}`}`,
  scope: (id, entity) => (entity === undefined ? id : `${id}/${pathOf(entity)}`),
  isPublic: ({ properties }) => (properties.publicNetworkAccess ?? 'Enabled') === 'Enabled',
  proof({ properties }, { entity }) {
    const endpoint = String(properties.documentEndpoint ?? '').replace(/\/?$/, '/')
    const path = entity === undefined ? '' : pathOf(entity).split('/').map(encodeURIComponent).join('/')
    return {
      by: 'request',
      request: {
        service: 'cosmos',
        url: `${endpoint}${path}`,
        headers: {
          accept: 'application/json',
          'x-ms-version': '2020-07-15',
          'x-ms-date': new Date().toUTCString(),
        },
        authorization: (token) => `type=aad&ver=1.0&sig=${token}`,
      },
      shows: () => (entity === undefined ? 'reads the account' : `reads the properties of ${entity}`),
    }
  },
  // The codes are those of the status; only the text tells the reasons apart.
  refusal({ status, message }) {
    if (/blocked by your Cosmos DB account firewall/i.test(message)) return 'network'
    if (/required RBAC permissions/i.test(message)) return 'role'
    if (status === 401) return 'token'
    return status === 404 ? 'entity' : undefined
  },
  access: cosmosAccess,
}
