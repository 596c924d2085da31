// A small mutating webhook with the behaviour of Azure Workload Identity 1.6.0. It is bundled into one file for the image.
import { readFileSync } from 'node:fs'
import { createServer as createPlainServer } from 'node:http'
import { createServer, request } from 'node:https'
import type { JsonObject } from '../../../sandbox/kube/state.ts'
import {
  AdmissionDenied,
  injectIdentity,
  serviceAccountName,
} from '../../../sandbox/kube/webhook/injection.ts'

const { AZURE_TENANT_ID = '', AZURE_AUTHORITY_HOST = '' } = process.env
const own = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Sends a request to the API server with the webhook's service account. Returns undefined for a 404. */
const sendRequest = (method: string, path: string, json?: JsonObject) =>
  new Promise<JsonObject | undefined>((resolve, reject) => {
    const body = json === undefined ? undefined : JSON.stringify(json)
    const outgoing = request(
      {
        host: process.env.KUBERNETES_SERVICE_HOST,
        port: process.env.KUBERNETES_SERVICE_PORT,
        method,
        path,
        ca: readFileSync(`${own}/ca.crt`),
        headers: {
          authorization: `Bearer ${readFileSync(`${own}/token`, 'utf8')}`,
          ...(body ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {}),
        },
        timeout: 5000,
      },
      async (response) => {
        const answer = JSON.parse(await textOf(response))
        if (response.statusCode === 200) resolve(answer)
        else if (response.statusCode === 404) resolve(undefined)
        else reject(new Error(answer.message))
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error('the API server does not respond')))
    outgoing.on('error', reject)
    outgoing.end(body)
  })

const readAccount = (namespace: string, name: string) =>
  sendRequest('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`)

/** Writes the certificate authority into the webhook configuration, as the real one's rotator does. */
async function writeAuthority(): Promise<void> {
  const path =
    '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/azure-wi-webhook-mutating-webhook-configuration'
  const caBundle = readFileSync('/certs/ca.crt').toString('base64')
  const found = await sendRequest('GET', path)
  if (!found || found.webhooks.every(({ clientConfig }: JsonObject) => clientConfig.caBundle === caBundle))
    return
  for (const each of found.webhooks) each.clientConfig.caBundle = caBundle
  await sendRequest('PUT', path, found)
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts).toString()
}

async function review({ uid, namespace, object }: JsonObject): Promise<JsonObject> {
  try {
    const account = await readAccount(namespace, serviceAccountName(object))
    const of = { account, tenant: AZURE_TENANT_ID, authority: AZURE_AUTHORITY_HOST }
    const patch = [{ op: 'replace', path: '/spec', value: injectIdentity(object, of).spec }]
    return {
      uid,
      allowed: true,
      patchType: 'JSONPatch',
      patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
    }
  } catch (error) {
    const code = error instanceof AdmissionDenied ? 400 : 500
    return { uid, allowed: false, status: { code, message: (error as Error).message } }
  }
}

let serving = false
const server = createServer(
  { cert: readFileSync('/certs/tls.crt'), key: readFileSync('/certs/tls.key'), minVersion: 'TLSv1.3' },
  async (incoming, response) => {
    if (
      incoming.method !== 'POST' ||
      new URL(incoming.url ?? '/', 'https://webhook').pathname !== '/mutate-v1-pod'
    )
      return void response.writeHead(404).end()
    const { apiVersion, kind, request: admission } = JSON.parse(await textOf(incoming))
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ apiVersion, kind, response: await review(admission) }))
  },
)
await writeAuthority().catch(console.error)
server.listen(9443, () => {
  serving = true
})
createPlainServer(({ url }, response) =>
  response.writeHead(url === '/healthz' || serving ? 200 : 500).end(),
).listen(9440)
process.on('SIGTERM', () => process.exit())
