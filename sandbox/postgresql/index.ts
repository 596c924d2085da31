import type { Service } from '../service.ts'

export const postgresAudiences = ['https://ossrdbms-aad.database.windows.net']

/** The data plane of PostgreSQL flexible servers: sign-in with Microsoft Entra. It answers no HTTP request. */
export const postgresService: Service = {
  name: 'postgresql',
  address: { label: 'postgres', perResource: true },
  audiences: () => postgresAudiences,
  handle: () => ({ status: 0 }),
  failure: () => ({ status: 0 }),
}
