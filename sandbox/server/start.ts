import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addressesFor, hostSuffix, isOwnHost } from '../addresses.ts'
import { registerProviders } from '../arm/resources/registration.ts'
import { addSubscriptions } from '../arm/state.ts'
import { subscriptionsOf } from '../arm/subscription-path.ts'
import { durations } from '../durations.ts'
import { createFaults, type Faults } from '../faults/faults.ts'
import { stopAllPods } from '../kube/pods/processes.ts'
import { readRealCluster } from '../kube/real-cluster.ts'
import type { SandboxState } from '../sandbox-state.ts'
import { services } from '../services.ts'
import type { Simulator } from '../simulator.ts'
import { answer } from './answer.ts'
import type { CertificateAndKey } from './certificates.ts'
import { controlTokenFile, newControlToken } from './control-token.ts'
import { answerDatabaseClients, sqlProtocol } from './database-clients.ts'
import type { JournalEntry } from './journal.ts'
import { loadKeys } from './keys.ts'
import { answerInvalidRequests, connectionPause, listen, maxConnections, timeouts } from './listen.ts'
import { completeState, newSandboxState } from './new-state.ts'
import type { SandboxOptions } from './options.ts'
import { createFolder, createPrivateFolder, reportingPath, writePrivate } from './private-files.ts'
import { createProxy } from './proxy.ts'
import { createRecorder } from './recorder.ts'
import { createSaving, type Saving } from './saving.ts'
import { makeSaveState, readState } from './state-file.ts'
import { answerUpgrades } from './upgrades.ts'

export interface Sandbox {
  simulator: Simulator
  state: SandboxState
  journal: JournalEntry[]
  faults: Faults
  /** URL of the CONNECT proxy: `http://127.0.0.1:PORT`. */
  proxy: string
  /** The token of the control endpoint. */
  controlToken: string
  close(): Promise<void>
}

/** Frees what a start has taken so far, the last first. */
type Undo = (() => unknown)[]

/**
 * Starts the simulated Azure over HTTPS. Throws `EADDRINUSE` if the saved state's port is taken. A start that fails
 * leaves neither a listener nor a file of its own.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const undo: Undo = []
  try {
    return await start(options, undo)
  } catch (error) {
    // The error of the start is the one to report.
    for (const each of undo.reverse()) await (async () => each())().catch(() => {})
    throw error
  }
}

async function start(options: SandboxOptions, undo: Undo): Promise<Sandbox> {
  const { host = '127.0.0.1', domain, stateDir, intercept } = options
  const realCluster = options.kubeconfig === undefined ? undefined : readRealCluster(options.kubeconfig)
  const files = await prepareFiles(options, undo)

  const server = createHttpsServer(files.keys.server, options.patience)
  undo.push(() => closeServers(server))
  const port = await listen(server, options.port ?? files.saved?.port ?? 0, host)
  const { newRsaKey, authority } = files.keys
  const now = (options.clock ?? Date.now)()
  const state = await stateOf(files, port, now, options.subscriptions)
  if (options.registered) {
    registerProviders(state)
    files.save(state)
  }
  const journal: JournalEntry[] = []
  const { simulator, saving } = createSimulator(
    options,
    {
      state,
      addresses: addressesFor(port, domain),
      hostSuffix: (label) => hostSuffix(label, port, domain),
      host,
      journal,
      caPem: authority.cert,
      caFile: files.caFile,
      podsFolder: files.podsFolder,
      controlToken: files.controlToken,
      controlTokenFile: files.tokenFile,
      ...(realCluster && { realCluster }),
      newRsaKey,
      faults: createFaults(),
    },
    files.save,
  )
  const pause = connectionPause(server, port, host)
  undo.push(pause.stop, () => stopAllPods(simulator))
  const record = createRecorder(journal, stateDir, simulator.now)
  const context = { simulator, domain, intercept, saving, record, pauseListening: pause.pause }
  answerRequests(server, context)
  const upgrades = answerUpgrades(server, context)
  const databases = answerDatabaseClients(server, {
    simulator,
    domain,
    certificate: files.keys.server,
    patience: timeouts(options.patience).handshakeTimeout,
  })
  undo.push(upgrades.close, databases.close)
  const isOwn = (hostname: string) => isOwnHost(hostname, domain, host)
  const proxy = createProxy(timeouts(options.patience), { host, port, isOwnHost: isOwn })
  undo.push(() => closeServers(proxy))
  const proxyPort = await listen(proxy, 0, host)

  return {
    simulator,
    state,
    journal,
    controlToken: files.controlToken,
    faults: simulator.faults,
    proxy: `http://${host}:${proxyPort}`,
    async close() {
      try {
        if (files.tokenFile) removeFile(files.tokenFile)
        pause.stop()
        await stopAllPods(simulator)
        saving.saveIfChanged()
      } finally {
        upgrades.close()
        databases.close()
        await closeServers(server, proxy)
        files.removeTemporary()
      }
    },
  }
}

function answerRequests(server: Server, context: Parameters<typeof answer>[2]): void {
  server.on('request', (request, response) => {
    answer(request, response, context).catch(() => response.destroy())
  })
}

/** Returns the saved state, completed, or a new one, which is saved. */
async function stateOf(
  { saved, save, keys }: Awaited<ReturnType<typeof prepareFiles>>,
  port: number,
  now: number,
  subscriptions = 1,
): Promise<SandboxState> {
  const state = saved
    ? await completeState({ ...saved, port }, now, keys.newRsaKey)
    : await newSandboxState(now, port, keys.newRsaKey)
  const isNew = subscriptionsOf(state).length < subscriptions
  addSubscriptions(state, subscriptions, now)
  if (!saved || isNew) save(state)
  return state
}

const removeFile = (path: string) => rmSync(path, { force: true })

/** Reads or writes the files that a start needs. A state that ends with the process is never written. */
async function prepareFiles(options: SandboxOptions, undo: Undo) {
  const { host = '127.0.0.1', domain, stateDir } = options
  const dir = stateDir ?? mkdtempSync(join(tmpdir(), 'wi-sandbox-'))
  const removeTemporary = () => stateDir ?? rmSync(dir, { recursive: true, force: true })
  undo.push(removeTemporary)
  if (stateDir !== undefined) createPrivateFolder(dir)
  const saved = stateDir === undefined ? undefined : readState(dir)
  const save: (state: SandboxState) => void = stateDir === undefined ? () => {} : makeSaveState(dir)
  const keys = options.keys ?? (await loadKeys(dir, { host, domain }))
  const caFile = join(dir, 'ca.pem')
  if (options.keys) writePrivate(caFile, keys.authority.cert)
  const podsFolder = emptyPodsFolder(dir)
  const controlToken = newControlToken()
  const tokenFile = stateDir === undefined ? undefined : controlTokenFile(dir)
  if (tokenFile) {
    undo.push(() => removeFile(tokenFile))
    writePrivate(tokenFile, controlToken)
  }
  return { saved, save, keys, caFile, podsFolder, controlToken, tokenFile, removeTemporary }
}

/** Returns the folder for the files of pods. What is in it is of pods whose sandbox was killed. */
function emptyPodsFolder(dir: string): string {
  const path = join(dir, 'pods')
  reportingPath(path, () => rmSync(path, { recursive: true, force: true }))
  createFolder(path)
  return path
}

function createHttpsServer(certificate: CertificateAndKey, patience: number | undefined) {
  const ALPNProtocols = ['http/1.1', sqlProtocol]
  const server = createServer({ ...certificate, ALPNProtocols, keepAlive: true, ...timeouts(patience) })
  server.maxConnections = maxConnections
  answerInvalidRequests(server)
  // Long enough for the waits of a run, short enough that the connections of many runs don't pile up to the limit.
  server.keepAliveTimeout = 15_000
  return server
}

/** Stops accepting connections and ends the open ones. */
async function closeServers(...servers: Server[]): Promise<void> {
  const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)))
  for (const server of servers) server.closeAllConnections()
  await Promise.all(closed)
}

/** Adds the clock, the pace and the saving to what services work with. */
function createSimulator(
  { clock = Date.now, pace = 0, stateDir }: SandboxOptions,
  base: Omit<Simulator, 'now' | 'durationOf' | 'isPending' | 'markChanged' | 'audiences'>,
  save: (state: SandboxState) => void,
): { simulator: Simulator; saving: Saving } {
  const now = () => clock() + base.faults.skew
  const durationOf: Simulator['durationOf'] = (name) => base.faults.lag(name) ?? durations[name] * pace
  let saving: Saving | undefined
  const simulator: Simulator = {
    ...base,
    now,
    durationOf,
    isPending: (since, name) => now() - since < durationOf(name),
    markChanged: () => saving?.markChanged(),
    audiences: () => services.flatMap((service) => service.audiences?.(simulator) ?? []),
  }
  saving = createSaving(simulator, stateDir, save)
  return { simulator, saving }
}
