import { after } from 'node:test'
import type { PipelineRequest } from '@azure/core-rest-pipeline'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/index.ts'
import { connect } from '../../src/clients/connect.ts'
import { makeCredential } from '../../src/clients/credential.ts'
import { makeHttp } from '../../src/clients/http.ts'
import { fetchCloud } from '../../src/clients/metadata.ts'
import { sharedKeys } from './shared-keys.ts'

/** Starts a sandbox in this process; the caller closes it. All share their keys, unless they are saved to a folder. */
export async function newSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  return startSandbox(options.stateDir === undefined ? { keys: await sharedKeys(), ...options } : options)
}

/** Starts a sandbox that is closed after the tests of this file. */
export async function testSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await newSandbox(options)
  after(() => sandbox.close())
  return sandbox
}

export interface ConnectOptions {
  env?: Record<string, string | undefined>
  /** Aborts the requests of these clients. */
  signal?: AbortSignal
  /** Called with each request before it is sent. */
  onRequest?: (request: PipelineRequest) => void
}

/** Returns production clients that are signed in to a sandbox as its operator. */
export async function connectTo(sandbox: Sandbox, options: ConnectOptions = {}) {
  const { state } = sandbox
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
  const explicit = { tenantId: state.tenant.id, ...state.operator }
  const credential = makeCredential({ cloud, env: {}, http, signal, explicit })
  const clients = connect({
    cloud,
    subscription: state.subscription.id,
    credential,
    http,
    env: options.env ?? {},
    signal,
  })
  return { sandbox, state, http, signal, cloud, credential, clients }
}

/** Starts a sandbox that is closed after the tests of this file, and connects clients to it. */
export async function connectedSandbox(options: SandboxOptions & ConnectOptions = {}) {
  return connectTo(await testSandbox(options), options)
}
