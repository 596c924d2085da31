import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { isOwnHost } from '../addresses.ts'
import { injectFault } from '../faults/inject.ts'
import {
  type Call,
  type Connection,
  collapseSlashes,
  createCall,
  InvalidBodyError,
  type Reply,
  readBody,
} from '../http.ts'
import { entityTooLarge } from '../kube/errors.ts'
import { SandboxError } from '../sandbox-error.ts'
import type { Service } from '../service.ts'
import { isWrite, services } from '../services.ts'
import type { Simulator } from '../simulator.ts'
import { controlAddress, handleControl } from './control.ts'
import { locate } from './locate.ts'
import type { SandboxOptions } from './options.ts'
import type { Recorder } from './recorder.ts'
import type { Saving } from './saving.ts'
import { send, stream } from './send.ts'

export interface RequestContext {
  simulator: Simulator
  domain: string | undefined
  intercept: SandboxOptions['intercept']
  saving: Saving
  record: Recorder
  /** Refuses new connections for a time (ms). */
  pauseListening: (ms: number) => void
}

const control = { name: 'control', address: controlAddress, handle: handleControl }
type Addressed = Service | typeof control
const addressed: readonly Addressed[] = [control, ...services]

const error = (status: number, code: string, message: string): Reply => ({
  status,
  body: { error: { code, message } },
})

/**
 * Handles one request: finds its service, applies a fault if one is due, and records it in the journal. `connection` is
 * set if the client asks for another protocol; such a request has no body.
 */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  context: RequestContext,
  connection?: Connection,
): Promise<void> {
  const { simulator, domain } = context
  const startedAt = performance.now()
  const hostHeader = request.headers.host ?? ''
  const hostname = hostHeader.replace(/:\d+$/, '').toLowerCase()
  if (!isOwnHost(hostname, domain, simulator.host))
    return send(response, error(421, 'MisdirectedRequest', `Unknown host: ${hostname}`))
  const url = new URL((request.url ?? '/').replace(/^\/+/, '/'), `https://${hostHeader}`)
  // The request line may contain a complete URL, of another host.
  if (url.host !== new URL(`https://${hostHeader}`).host) return void response.destroy()
  const { service, ...location } = locate(addressed, hostname, collapseSlashes(url.pathname), domain)
  const body = connection ? Buffer.alloc(0) : await readBody(request)
  if (typeof body === 'string') return send(response, unreadableBody(body, service))
  const call = createCall(request, url, { service: service.name, ...location }, body)
  if (!('failure' in service))
    return send(response, await handle(call, service, context), call.method === 'HEAD')
  const reply = await serve(call, service, context)
  const recorded = storageFailure(() =>
    context.record(call, hostHeader, url.pathname, reply === 'cut' ? 0 : reply.status, startedAt),
  )
  if (recorded) return send(response, recorded, call.method === 'HEAD')
  // Status 0: in Azure there is no host of this name, or its network drops the packets of this client.
  if (reply === 'cut' || reply.status === 0) return void response.destroy()
  if (reply.upgrade) return upgrade(reply.upgrade, response, connection)
  if (typeof reply.body === 'function') return stream(response, reply)
  response.setHeader('date', new Date(simulator.now()).toUTCString())
  send(response, reply, call.method === 'HEAD')
}

function upgrade(
  takeOver: NonNullable<Reply['upgrade']>,
  response: ServerResponse,
  connection: Connection | undefined,
): void {
  if (connection) {
    response.detachSocket(connection.socket)
    takeOver(connection)
  } else send(response, { status: 426, headers: { upgrade: 'websocket' } })
}

function unreadableBody(problem: 'tooLarge' | 'badEncoding', service: Addressed): Reply {
  const tooLarge = problem === 'tooLarge'
  return {
    status: tooLarge ? 413 : 415,
    // The rest of a large body is still to come, so the connection can't be used again.
    headers: { connection: tooLarge ? 'close' : undefined },
    body:
      service.name === 'kube' && tooLarge
        ? entityTooLarge().status
        : { error: { code: problem, message: `The request body was rejected: ${problem}.` } },
  }
}

/** Serves the request with the delay of the pace, and with the fault that is due. */
async function serve(call: Call, service: Service, context: RequestContext): Promise<Reply | 'cut'> {
  const { simulator, intercept } = context
  const wait = simulator.durationOf('request')
  if (wait > 0) await delay(wait)
  const run = () => handle(call, service, context)
  const serveRequest = () => intercept?.(call, run) ?? run()
  const rule = simulator.faults.ruleFor(call)
  if (!rule) return serveRequest()
  const outcome = await injectFault(rule, { call, service, simulator }, serveRequest)
  if (typeof outcome === 'string' || !('refuseFor' in outcome)) return outcome
  context.pauseListening(outcome.refuseFor)
  return 'cut'
}

const storageError = ({ message, remedy }: SandboxError) =>
  error(507, 'InsufficientStorage', `${message}. ${remedy}.`)

/** Runs what writes to the state folder. Returns the reply for a failure, which no client retries at once. */
function storageFailure(write: () => void): Reply | undefined {
  try {
    write()
    return undefined
  } catch (thrown) {
    if (thrown instanceof SandboxError) return storageError(thrown)
    throw thrown
  }
}

/** Lets the service handle the request, and saves the state before the reply goes out. */
async function handle(call: Call, service: Addressed, context: RequestContext): Promise<Reply> {
  const reply = await replyOf(call, service, context.simulator)
  if (isWriteCall(call)) context.saving.markChanged()
  return storageFailure(context.saving.saveIfChanged) ?? reply
}

async function replyOf(call: Call, service: Addressed, simulator: Simulator): Promise<Reply> {
  try {
    for (const each of services) each.advance?.(simulator)
    return await service.handle(call, simulator)
  } catch (thrown) {
    if (thrown instanceof SandboxError) return storageError(thrown)
    if (thrown instanceof InvalidBodyError)
      return error(
        400,
        'InvalidRequestContent',
        `The request content was invalid and could not be deserialized: '${thrown.message}'`,
      )
    return error(500, 'InternalServerError', String((thrown as Error).stack))
  }
}

const isWriteCall = (call: Call) => isWrite(call.method, call.path, call.query('dryRun') !== undefined)
