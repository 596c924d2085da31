import { recipientOf } from '../audiences.ts'
import type { ArmContext } from '../azure/arm-context.ts'
import type { DatabaseLogin } from '../data-plane.ts'
import { dataScope } from '../data-services.ts'
import { networkError } from '../network-error.ts'
import { isRecipient, refusal } from '../recipients.ts'
import { isTransientNetworkError } from '../request-retries.ts'
import { ServiceError } from '../service-error.ts'
import { logInToPostgres } from './postgresql.ts'
import { logInToSql } from './tds.ts'
import { type DatabaseAddress, openWire } from './wire.ts'

const ports = { sql: 1433, postgresql: 5432 }
const timeout = 8_000
const maxAttempts = 2

/** In a custom cloud with a port of its own, all services have the same. */
function addressOf({ cloud }: ArmContext, { service, host }: DatabaseLogin): DatabaseAddress {
  const { port } = new URL(cloud.wellKnown ? cloud.arm : `https://${cloud.domain}`)
  return { host, port: port ? Number(port) : ports[service] }
}

/** Throws `ServiceError` unless the host, which Azure or a server returned, may receive the token. */
function requireRecipient({ cloud }: ArmContext, { service }: DatabaseLogin, host: string): void {
  const recipient = recipientOf(cloud, [dataScope(cloud, service)])
  const { port } = new URL(cloud.wellKnown ? cloud.arm : `https://${cloud.domain}`)
  const address = `https://${host}${port ? `:${port}` : ''}`
  if (isRecipient(recipient, address)) return
  if (URL.canParse(address)) throw refusal(`The token for ${recipient.service}`, [recipient], address)
  throw new ServiceError({
    service,
    code: 'TokenNotForHost',
    message: `The server's address ${JSON.stringify(host)} is not a host name`,
  })
}

/** Connects and signs in. Returns the address that the server names instead, if it does. */
async function attempt(
  { http, signal }: ArmContext,
  request: DatabaseLogin,
  address: DatabaseAddress,
  token: string,
): Promise<DatabaseAddress | undefined> {
  const { host, port } = address
  const began = performance.now()
  const url = `https://${host}:${port}/${encodeURIComponent(request.database)}`
  const report = (failure?: string) =>
    http.trace?.({
      method: 'GET',
      url,
      status: failure === undefined ? 200 : undefined,
      ms: Math.round(performance.now() - began),
      requestId: undefined,
      failure,
    })
  http.counts.reads++
  let wire: Awaited<ReturnType<typeof openWire>> | undefined
  try {
    wire = await openWire({ ...address, http, signal, timeout })
    const route =
      request.service === 'sql'
        ? await logInToSql(wire, { host, database: request.database }, token)
        : await logInToPostgres(wire, request, token)
    report()
    return route ?? undefined
  } catch (error) {
    report((error as { code?: string }).code ?? (error as Error).name)
    if (signal.aborted || error instanceof ServiceError) throw error
    // A message that is too short for what it announces.
    throw networkError(error instanceof RangeError ? { code: 'EUNREADABLE' } : error, url)
  } finally {
    wire?.close()
  }
}

/** Signs in to a database, as `DataPlane.logIn` says. */
export async function logInToDatabase(arm: ArmContext, request: DatabaseLogin, token: string): Promise<void> {
  let address = addressOf(arm, request)
  for (let number = 1; ; number++) {
    requireRecipient(arm, request, address.host)
    try {
      const route = await attempt(arm, request, address, token)
      if (!route) return
      // Within Azure, Azure SQL sends clients to the node with the database, once.
      if (number >= maxAttempts + 1)
        throw new ServiceError({
          service: 'sql',
          code: 'Refused',
          message: 'The server redirects again and again',
        })
      address = route
    } catch (error) {
      const { service, code } = error as ServiceError
      if (number >= maxAttempts || service !== 'network' || !isTransientNetworkError(code)) throw error
    }
  }
}
