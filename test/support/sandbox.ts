import { after } from 'node:test'
import type { PipelineRequest } from '@azure/core-rest-pipeline'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/index.ts'
import { connect } from '../../src/clients/connect.ts'
import { makeCredential } from '../../src/clients/credential.ts'
import { makeHttp } from '../../src/clients/http.ts'
import { fetchCloud } from '../../src/clients/metadata.ts'
import { sharedKeys } from './shared-keys.ts'

export interface ConnectOptions {
  env?: Record<string, string | undefined>
  /** Ends the run that uses these clients. */
  signal?: AbortSignal
  /** Hears of each request that goes out. */
  onRequest?: (request: PipelineRequest) => void
}

/** The production clients, connected to a sandbox as its operator: what a process of the program begins with. */
export async function connectTo(sandbox: Sandbox, options: ConnectOptions = {}) {
  const { state: world } = sandbox
  const http = makeHttp({ ca: sandbox.simulator.caPem, pace: 0.02 })
  const { onRequest } = options
  if (onRequest) {
    const send = http.sendRequest
    http.sendRequest = (request) => {
      onRequest(request)
      return send(request)
    }
  }
  const signal = options.signal ?? new AbortController().signal
  const cloud = await fetchCloud({ arm: sandbox.simulator.addresses.arm, http, signal })
  const explicit = { tenantId: world.tenant.id, ...world.operator }
  const credential = makeCredential({ cloud, env: {}, http, signal, explicit })
  const clients = connect({
    cloud,
    subscription: world.subscription.id,
    credential,
    http,
    env: options.env ?? {},
    signal,
  })
  return { sandbox, world, http, signal, cloud, credential, clients }
}

/** A sandbox of the test's own, ended with it, and clients connected to it. */
export async function connectedSandbox(options: SandboxOptions & ConnectOptions = {}) {
  const sandbox = await startSandbox({ keys: await sharedKeys(), ...options })
  after(() => sandbox.close())
  return connectTo(sandbox, options)
}
