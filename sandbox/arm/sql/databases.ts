import { firewallRules } from '../accounts/firewall-rules.ts'
import type { ProxyType } from '../accounts/proxy-resources.ts'
import { ArmError } from '../errors.ts'
import type { ArmRequest } from '../request.ts'
import { serverTypeName } from './servers.ts'

const absent = ({ id }: ArmRequest) =>
  new ArmError(
    404,
    'ResourceNotFound',
    `The requested resource of type '${serverTypeName}/${id.split('/').at(-2)}' with name '${id.split('/').at(-1)}' was not found.`,
  )

export const sqlDatabase: ProxyType = {
  type: `${serverTypeName}/databases`,
  shape: { sku: { name: 'string', tier: 'string' }, properties: { collation: 'string' } },
  duration: 'partWrite',
  operations: 'azureAsyncOperation',
  acceptedBody: (kind) => ({ operation: kind === 'write' ? 'CreateLogicalDatabase' : 'DropLogicalDatabase' }),
  absent,
  onDelete: ({ state }, { body }) => void delete state.databases.sqlUsers[body.id.toLowerCase()],
  builtIn: ({ body, createdAt }) => [
    {
      body: {
        id: `${body.id}/databases/master`,
        name: 'master',
        type: `${serverTypeName}/databases`,
        location: body.location,
        kind: 'v12.0,system',
        properties: { collation: 'SQL_Latin1_General_CP1_CI_AS', status: 'Online' },
      },
      createdAt,
      changedAt: createdAt,
    },
  ],
  members: (_, { location, tags, sku, properties = {} }) => ({
    location,
    ...(tags && { tags }),
    sku: sku ?? { name: 'GP_Gen5', tier: 'GeneralPurpose' },
    kind: 'v12.0,user,vcore',
    properties: {
      collation: properties.collation ?? 'SQL_Latin1_General_CP1_CI_AS',
      status: 'Online',
    },
  }),
}

export const sqlFirewallRules = firewallRules(serverTypeName, { absent })
