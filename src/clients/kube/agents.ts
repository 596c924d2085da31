import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent, type RequestOptions } from 'node:https'
import type { Agent } from '@azure/core-rest-pipeline'
import { loopbackLookup } from '../loopback.ts'

const trustOptions = ['ca', 'cert', 'key', 'pfx', 'passphrase', 'rejectUnauthorized', 'servername'] as const

/** Returns a function that reuses one keep-alive agent per set of certificates. A proxy keeps the library's agent. */
export function makeAgents(server: string, proxyUrl: string | undefined): (request: RequestOptions) => Agent {
  const agents = new Map<string, Agent>()
  const { protocol, hostname } = new URL(server)
  return (request) => {
    if (proxyUrl) return request.agent as Agent
    const trust = Object.fromEntries(
      trustOptions.flatMap((name) => (request[name] === undefined ? [] : [[name, request[name]]])),
    )
    const key = JSON.stringify(trust)
    const agent =
      agents.get(key) ??
      (protocol === 'http:'
        ? new HttpAgent({ keepAlive: true })
        : new HttpsAgent({ keepAlive: true, ...trust, ...loopbackLookup(hostname) }))
    agents.set(key, agent)
    return agent
  }
}
