import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addressesFor, hostSuffix, isOwnHost } from '../addresses.ts'
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
import type { JournalEntry } from './journal.ts'
import { loadKeys } from './keys.ts'
import { connectionPause, listen, maxConnections, timeouts } from './listen.ts'
import { completeState, newSandboxState } from './new-state.ts'
import type { SandboxOptions } from './options.ts'
import { createFolder, reportingPath, writePrivate } from './private-files.ts'
import { createProxy } from './proxy.ts'
import { createRecorder } from './recorder.ts'
import { createSaving, type Saving } from './saving.ts'
import { stateFile } from './state-file.ts'

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

/** Starts the simulated Azure over HTTPS. Throws `EADDRINUSE` if the saved state's port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { host = '127.0.0.1', domain } = options
  const dir = options.stateDir ?? mkdtempSync(join(tmpdir(), 'wi-sandbox-'))
  const realCluster = options.kubeconfig === undefined ? undefined : readRealCluster(options.kubeconfig)
  // A state that ends with the process is never written.
  const file = options.stateDir === undefined ? undefined : stateFile(dir)
  const saved = file?.load()
  const keys = options.keys ?? (await loadKeys(dir, { host, domain }))
  const caFile = join(dir, 'ca.pem')
  if (options.keys) writePrivate(caFile, keys.authority.cert)
  const podsFolder = emptyPodsFolder(dir)
  const controlToken = newControlToken()
  const tokenFile = options.stateDir === undefined ? undefined : controlTokenFile(dir)
  if (tokenFile) writePrivate(tokenFile, controlToken)

  const server = createHttpsServer(keys.server, options.patience)
  const port = await listen(server, options.port ?? saved?.port ?? 0, host)
  const now = (options.clock ?? Date.now)()
  const state = await (saved
    ? completeState({ ...saved, port }, now, keys.newRsaKey)
    : newSandboxState(now, port, keys.newRsaKey))
  const orClose = <T>(write: () => T): T => {
    try {
      return write()
    } catch (error) {
      server.close()
      throw error
    }
  }
  if (!saved) orClose(() => file?.save(state))
  const journal: JournalEntry[] = []
  const { simulator, saving } = orClose(() =>
    createSimulator(
      options,
      {
        state,
        addresses: addressesFor(port, domain),
        hostSuffix: (label) => hostSuffix(label, port, domain),
        host,
        journal,
        caPem: keys.authority.cert,
        caFile,
        podsFolder,
        controlToken,
        controlTokenFile: tokenFile,
        ...(realCluster && { realCluster }),
        newRsaKey: keys.newRsaKey,
        faults: createFaults(),
      },
      (changed) => file?.save(changed),
    ),
  )
  const pause = connectionPause(server, port, host)
  const record = createRecorder(journal, options.stateDir, simulator.now)
  const { intercept } = options
  const context = { simulator, domain, intercept, saving, record, pauseListening: pause.pause }
  server.on('request', (request, response) => {
    answer(request, response, context).catch(() => response.destroy())
  })
  const proxy = createProxy(timeouts(options.patience), {
    host,
    port,
    isOwnHost: (hostname) => isOwnHost(hostname, domain, host),
  })
  const proxyPort = await listen(proxy, 0, host)

  const close = async () => {
    await stopAllPods(simulator)
    pause.stop()
    saving.saveIfChanged()
    await closeServers(server, proxy)
    if (!options.stateDir) rmSync(dir, { recursive: true, force: true })
  }
  return {
    simulator,
    state,
    journal,
    controlToken,
    faults: simulator.faults,
    proxy: `http://${host}:${proxyPort}`,
    close,
  }
}

/** Returns the folder for the files of pods. What is in it is of pods whose sandbox was killed. */
function emptyPodsFolder(dir: string): string {
  const path = join(dir, 'pods')
  reportingPath(path, () => rmSync(path, { recursive: true, force: true }))
  createFolder(path)
  return path
}

function createHttpsServer(certificate: CertificateAndKey, patience: number | undefined) {
  const server = createServer({ ...certificate, keepAlive: true, ...timeouts(patience) })
  server.maxConnections = maxConnections
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
