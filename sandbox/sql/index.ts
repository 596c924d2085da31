import { newDatabasesState } from '../databases/state.ts'
import type { Service } from '../service.ts'

export const sqlAudiences = ['https://database.windows.net']

/** The data plane of Azure SQL: sign-in with Microsoft Entra over TDS 8.0. It answers no HTTP request. */
export const sqlService: Service = {
  name: 'sql',
  address: { label: 'database', perResource: true },
  audiences: () => sqlAudiences,
  state: { key: 'databases', create: newDatabasesState },
  handle: () => ({ status: 0 }),
  failure: () => ({ status: 0 }),
}
