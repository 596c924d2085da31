import { after } from 'node:test'
import { connect } from '../../src/clients/connect.ts'
import { makeCredential } from '../../src/clients/credential.ts'
import { makeHttp } from '../../src/clients/http.ts'
import { fetchCloud } from '../../src/clients/metadata.ts'
import { type SandboxOptions, startSandbox } from '../../src/sandbox/start.ts'

/** A sandbox with the production clients connected to it as its operator. */
export async function sandboxed(options: SandboxOptions & { env?: Record<string, string | undefined> } = {}) {
  const sandbox = await startSandbox(options)
  after(() => sandbox.close())
  const { world } = sandbox
  const http = makeHttp({ ca: sandbox.cloud.caPem })
  const { signal } = new AbortController()
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

export type Sandboxed = Omit<Awaited<ReturnType<typeof sandboxed>>, 'credential'>
