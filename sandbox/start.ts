import { randomUUID } from 'node:crypto'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { addressesFor, isOwnHost, type Target, target } from './addresses.ts'
import { handle as arm } from './arm/index.ts'
import { settle } from './arm/settle.ts'
import { control } from './control.ts'
import { type Duration, durations } from './durations.ts'
import { handle as login } from './entra/index.ts'
import { type Faults, makeFaults } from './faults/faults.ts'
import { handle as graph } from './graph/index.ts'
import { type Call, collapse, InvalidBodyError, makeCall, type Reply, readBody } from './http.ts'
import { isWrite, type JournalEntry } from './journal.ts'
import { type Keys, keysOf } from './keys.ts'
import { kubeconfigOfAll } from './kube/clusters.ts'
import { entityTooLarge } from './kube/errors.ts'
import { handle as kube } from './kube/index.ts'
import { issuerService } from './kube/issuer.ts'
import { stopAllPods } from './kube/pods/processes.ts'
import { readRealCluster } from './kube/real-cluster.ts'
import { newSandboxState, type SandboxState } from './sandbox-state.ts'
import { send, stream } from './sending.ts'
import type { Service, Simulator } from './simulator.ts'
import { stateFile, writePrivate } from './state-file.ts'
import { handle as vault } from './vault/index.ts'

export interface SandboxOptions {
  /** Where the world lasts; left out, it ends with the process. */
  stateDir?: string
  /** Address to listen on; loopback unless told otherwise. */
  host?: string
  /** Serve the roles below this domain instead of by path on localhost. */
  domain?: string
  /** Kubeconfig of a real cluster, for which the managed clusters then stand. */
  kubeconfig?: string
  /** Fixed port; else the saved world's, else a free one. */
  port?: number
  /** How long a client may take (ms) for its handshake and its headers; it has six times that for a body. */
  patience?: number
  /** 0 = nothing takes time … 1 = as in Azure. */
  pace?: number
  /** The cloud's clock in ms; the real one unless given. */
  clock?: () => number
  /** Keys and certificates made before, for many short-lived worlds. */
  keys?: Keys
  /** Stands between a request and its service; may act, not act, change the answer, or cut the connection. */
  intercept?: (call: Call, act: () => Promise<Reply>) => Promise<Reply | 'cut'>
}

export interface Sandbox {
  simulator: Simulator
  state: SandboxState
  journal: JournalEntry[]
  faults: Faults
  /** Address of the CONNECT proxy: `http://127.0.0.1:PORT`. */
  proxy: string
  close(): Promise<void>
}

/** Connections at once; each step of a set-up takes a few. */
const most = 1000

/** Requests that are kept in memory; the file holds all. */
const longestJournal = 100_000

/** Who is slow on purpose is cut off. */
const patience = (ms = 10_000) => ({
  handshakeTimeout: ms,
  headersTimeout: ms,
  requestTimeout: 6 * ms,
  connectionsCheckingInterval: Math.ceil(ms / 4),
})

const services: Record<Target['role'], Service> = {
  arm,
  login,
  graph,
  vault,
  issuer: issuerService,
  kube,
  control,
}

const listen = (server: ReturnType<typeof createPlainServer>, port: number, host: string) =>
  new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as { port: number }).port)
    })
  })

/** Starts the simulated Azure over HTTPS. Throws `EADDRINUSE` when the world's port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { host = '127.0.0.1', domain, pace = 0, clock = Date.now } = options
  const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), 'wi-sandbox-'))
  const realCluster = options.kubeconfig === undefined ? undefined : readRealCluster(options.kubeconfig)
  // A world that ends with the process is never written.
  const file = options.stateDir === undefined ? undefined : stateFile(stateDir)
  const saved = file?.load()
  const { authority, leaf, newRsaKey } = options.keys ?? (await keysOf(stateDir, { host, domain }))
  const caFile = join(stateDir, 'ca.pem')
  if (options.keys) writePrivate(caFile, authority.cert)

  const faults = makeFaults()
  const now = () => clock() + faults.skew
  const durationOf = (what: Duration) => faults.lag(what) ?? durations[what] * pace
  const journal: JournalEntry[] = []
  const run = randomUUID().slice(0, 8)
  let dirty = false
  let simulator: Simulator
  const server = createServer({ ...leaf, keepAlive: true, ...patience(options.patience) })
  server.maxConnections = most
  // Long enough for a run's waits, short enough that the connections of many runs do not pile up to the limit.
  server.keepAliveTimeout = 15_000
  const port = await listen(server, options.port ?? saved?.port ?? 0, host)
  const state = saved ?? (await newSandboxState(clock(), port, newRsaKey))
  state.port = port
  simulator = {
    state,
    addresses: addressesFor(port, domain),
    host,
    journal,
    caPem: authority.cert,
    caFile,
    ...(realCluster && { realCluster }),
    newRsaKey,
    faults,
    now,
    durationOf,
    isPending: (at, what) => now() - at < durationOf(what),
    markChanged: () => {
      dirty = true
    },
  }
  let written = ''
  /** A kubeconfig for other programs, always of the clusters that there are. */
  const keepKubeconfig = () => {
    const clusters = Object.keys(state.clusters).join()
    if (!options.stateDir || clusters === written) return
    written = clusters
    writePrivate(join(stateDir, 'kubeconfig'), kubeconfigOfAll(simulator))
  }
  const save = () => {
    if (!dirty) return
    dirty = false
    file?.save(state)
    keepKubeconfig()
  }
  if (!saved) file?.save(state)
  written = '?'
  keepKubeconfig()

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const began = performance.now()
    const hostHeader = request.headers.host ?? ''
    const hostname = hostHeader.replace(/:\d+$/, '').toLowerCase()
    if (!isOwnHost(hostname, domain, host))
      return send(response, {
        status: 421,
        body: { error: { code: 'MisdirectedRequest', message: `No such host here: ${hostname}` } },
      })
    const url = new URL((request.url ?? '/').replace(/^\/+/, '/'), `https://${hostHeader}`)
    // A whole address in the request line, and another host's at that.
    if (url.host !== new URL(`https://${hostHeader}`).host) return void response.destroy()
    const to = target(hostname, collapse(url.pathname), domain)
    const body = await readBody(request)
    if (typeof body === 'string')
      return send(response, {
        status: body === 'tooLarge' ? 413 : 415,
        // Of a body that is too large the rest is still to come: nothing else can follow on this connection.
        headers: { connection: body === 'tooLarge' ? 'close' : undefined },
        body:
          to.role === 'kube' && body === 'tooLarge'
            ? entityTooLarge().status
            : { error: { code: body, message: `The request body was refused: ${body}.` } },
      })
    const call = makeCall(request, url, to, body)
    const act = async (): Promise<Reply> => {
      try {
        settle(simulator)
        return await services[to.role](call, simulator)
      } catch (error) {
        if (error instanceof InvalidBodyError)
          return {
            status: 400,
            body: {
              error: {
                code: 'InvalidRequestContent',
                message: `The request content was invalid and could not be deserialized: '${error.message}'`,
              },
            },
          }
        return {
          status: 500,
          body: { error: { code: 'InternalServerError', message: String((error as Error).stack) } },
        }
      } finally {
        save()
      }
    }
    const slow = to.role === 'control' ? 0 : durationOf('request')
    if (slow > 0) await delay(slow)
    const met = await faults.meet(call, simulator, () => options.intercept?.(call, act) ?? act())
    const refused = typeof met === 'object' && 'refuse' in met
    if (refused) pauseListening(met.refuse)
    const reply = refused ? 'cut' : met
    if (to.role !== 'control') {
      const entry: JournalEntry = {
        n: (journal.at(-1)?.n ?? 0) + 1,
        at: new Date(now()).toISOString(),
        method: call.method,
        host: hostHeader,
        path: url.pathname,
        status: reply === 'cut' ? 0 : reply.status,
        ms: Math.round(performance.now() - began),
        write: isWrite(call.method, call.path, call.query('dryRun') !== undefined),
      }
      journal.push(entry)
      if (journal.length > longestJournal) journal.splice(0, longestJournal / 10)
      if (options.stateDir)
        appendFileSync(join(stateDir, 'journal.jsonl'), `${JSON.stringify({ run, ...entry })}\n`, {
          mode: 0o600,
        })
    }
    // A service answers 0 where in Azure there would be no host to answer.
    if (reply === 'cut' || reply.status === 0) return void response.destroy()
    if (typeof reply.body === 'function') return stream(response, reply)
    response.setHeader('date', new Date(now()).toUTCString())
    send(response, reply, call.method === 'HEAD')
  }
  server.on('request', (request, response) => {
    answer(request, response).catch(() => response.destroy())
  })

  let resting: NodeJS.Timeout | undefined
  /** For this time (ms) there is nothing to connect to; who is being answered still is. */
  const pauseListening = (ms: number) => {
    if (resting || !server.listening) return
    server.close()
    resting = setTimeout(() => {
      resting = undefined
      server.listen(port, host)
    }, ms)
  }

  const proxyServer = createPlainServer(patience(options.patience), (_, response) =>
    response.writeHead(405).end(),
  )
  proxyServer.on('connect', (request, socket, head) => {
    const [, name = '', asked] = /^([^:@/]+):(\d+)$/.exec(request.url ?? '') ?? []
    socket.on('error', () => socket.destroy())
    if (!isOwnHost(name.toLowerCase(), domain, host) || Number(asked) !== port)
      return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const upstream = connect(port, host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      upstream.write(head)
      upstream.pipe(socket).pipe(upstream)
    })
    upstream.on('error', () => socket.destroy())
  })
  const proxyPort = await listen(proxyServer, 0, host)

  const close = async () => {
    await stopAllPods(simulator)
    clearTimeout(resting)
    save()
    const ended = [server, proxyServer].map((each) => new Promise((resolve) => each.close(resolve)))
    server.closeAllConnections()
    proxyServer.closeAllConnections()
    await Promise.all(ended)
    if (!options.stateDir) rmSync(stateDir, { recursive: true, force: true })
  }
  return { simulator, state, journal, faults, proxy: `http://${host}:${proxyPort}`, close }
}
