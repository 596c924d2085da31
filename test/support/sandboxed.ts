import { after } from 'node:test'
import type { PipelineRequest } from '@azure/core-rest-pipeline'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/start.ts'
import { connect } from '../../src/clients/connect.ts'
import { makeCredential } from '../../src/clients/credential.ts'
import { makeHttp } from '../../src/clients/http.ts'
import { fetchCloud } from '../../src/clients/metadata.ts'
import { sharedKeys } from './keys.ts'

export interface ConnectedOptions {
  env?: Record<string, string | undefined>
  /** Ends the run that uses these clients. */
  signal?: AbortSignal
  /** Hears of each request that goes out. */
  sends?: (request: PipelineRequest) => void
}

/** The production clients, connected to a sandbox as its operator: what a process of the program begins with. */
export async function connected(sandbox: Sandbox, options: ConnectedOptions = {}) {
  const { world } = sandbox
  const http = makeHttp({ ca: sandbox.cloud.caPem, pace: 0.02 })
  const { sends } = options
  if (sends) {
    const send = http.sendRequest
    http.sendRequest = (request) => {
      sends(request)
      return send(request)
    }
  }
  const signal = options.signal ?? new AbortController().signal
  const cloud = await fetchCloud({ arm: sandbox.cloud.addresses.arm, http, signal })
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
export async function sandboxed(options: SandboxOptions & ConnectedOptions = {}) {
  const sandbox = await startSandbox({ keys: await sharedKeys(), ...options })
  after(() => sandbox.close())
  return connected(sandbox, options)
}
