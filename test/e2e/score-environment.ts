import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Apis, createApis, type JsonObject, kubeClient } from '../score/apis.ts'
import type { ClusterEnvironment } from '../support/in-process.ts'
import { type E2eEnvironment, run, setUpFlags } from './environment.ts'

/** The real cluster and the sandbox beside it, as what a score's scene stands on. */
export function scoreEnvironment(at: E2eEnvironment): ClusterEnvironment {
  const root = join(at.folder, 'score')
  mkdirSync(root, { recursive: true })
  return {
    root,
    cloud: ['--cloud', at.arm],
    settling: '60s',
    image: at.image,
    address: at.env.WI_E2E_HOST!,
    kubeconfig: at.kubeconfig,
    async run(args, { cwd = root, input = '', env = {} } = {}) {
      const { code, stdout, stderr } = await run(at, args, { cwd, input, env })
      return { code: code ?? 1, stdout, stderr }
    },
    close: async () => {},
  }
}

/** The flags of every set-up on the managed cluster, whatever its namespace and vault. */
export const sharedFlags = (at: E2eEnvironment): string[] => {
  const flags = setUpFlags(at)
  const own = ['--cloud', '--namespace', '--service-account', '--vault', '--secret']
  return flags.filter((_, n) => !own.includes(flags[n - (n % 2)]!))
}

/** The services by plain requests of the sandbox's operator; this process was started with its authority and names. */
export async function sandboxApis(at: E2eEnvironment): Promise<Apis> {
  const { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } = at.env
  const json = async (url: string, init: RequestInit = {}) =>
    (await (await fetch(url, init)).json()) as JsonObject
  const metadata = await json(`${at.arm}/metadata/endpoints?api-version=2022-09-01`)
  const { authentication, microsoftGraphResourceId: graph, suffixes } = metadata
  const token = async (resource: string) => {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: AZURE_CLIENT_ID!,
      client_secret: AZURE_CLIENT_SECRET!,
      scope: `${resource}/.default`,
    })
    const login = authentication.loginEndpoint.replace(/\/$/, '')
    const { access_token, error_description } = await json(`${login}/${tenant}/oauth2/v2.0/token`, {
      method: 'POST',
      body,
    })
    if (!access_token) throw new Error(error_description)
    return access_token as string
  }
  const { value: subscriptions } = await json(`${at.arm}/subscriptions?api-version=2022-12-01`, {
    headers: { authorization: `Bearer ${await token(at.arm)}` },
  })
  const services = {
    arm: at.arm,
    graph: graph.replace(/\/$/, ''),
    vaultResource: `https://${suffixes.keyVaultDns}`,
    subscription: subscriptions[0].subscriptionId,
    token,
    async ask(url: string, { method, token, json }: { method: string; token: string; json?: unknown }) {
      const body = json === undefined ? null : JSON.stringify(json)
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const answer = await fetch(url, { method, headers, body })
      const text = await answer.text()
      return { status: answer.status, body: text ? JSON.parse(text) : undefined }
    },
  }
  return createApis(services, kubeClient(at.kubeconfig))
}
