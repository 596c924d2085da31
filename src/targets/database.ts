import { closestMatches } from '../base/closest-matches.ts'
import { equalsIgnoreCase } from '../clients/azure/resource-id.ts'
import { dataScope } from '../clients/data-services.ts'
import type { AzureResource } from '../clients/resources.ts'
import type { AccessMethod, Grant, Proof, RefusalCause, Target } from './target.ts'

/** Codes of Node.js for a server that was not reached. */
const unreachable = /^(?:ETIMEDOUT|ECONN\w+|ENOTFOUND|EAI_AGAIN|E(?:HOST|NET)UNREACH)$/

/** Returns the cause for the service's code. A server that doesn't answer may be closed, or this network may be. */
export const databaseRefusal =
  (causes: Readonly<Record<string, RefusalCause>>): NonNullable<Target['refusal']> =>
  ({ code }) =>
    causes[code] ?? (unreachable.test(code) ? 'unreachable' : undefined)

/** Access is granted in the database, where neither Azure nor wi-setup can see or change it. */
const inDatabase: AccessMethod = {
  actions: ['', ''],
  find: async () => undefined,
  others: async () => [],
  grant: async () => {},
  revoke: async () => {},
}

/** The user's name in a database: PostgreSQL cuts off longer ones. */
export const userName = (identity: string): string => identity.slice(0, 63)

const service = (name: string) => (name === 'sql' ? 'sql' : 'postgresql')

/** Signs in as the workload. What the user may do there can't be seen from outside. */
const signIn = ({ properties }: AzureResource, { target, entity }: Grant): Proof => ({
  by: 'run',
  async run({ cloud, dataPlane, token, workload }) {
    const request = {
      service: service(target.name),
      host: String(properties.fullyQualifiedDomainName ?? ''),
      database: entity!,
      user: userName(workload.name),
    } as const
    await dataPlane.logIn(request, await token(dataScope(cloud, request.service)))
    return `signs in to ${entity} (its roles and permissions there can't be seen from outside)`
  },
})

/** What database servers have in common. */
export const databaseServer = {
  needsEntity: true,
  label: (server, database) => `database ${database} of ${server}`,
  scope: (id, database) => `${id}/databases/${database}`,
  proof: signIn,
  access: inDatabase,
  async missingEntity({ resources }, { target, entity }, { id }) {
    const all = await resources.within(`${id}/databases`, target.apiVersion)
    const names = all.map(({ name }) => name)
    // Names of Azure resources are case-insensitive.
    return names.some((name) => equalsIgnoreCase(name, entity!)) ? undefined : closestMatches(entity!, names)
  },
} as const satisfies Partial<Target>
