import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { applySetUp } from '../../support/environment.ts'
import { newInProcessEnvironment } from '../../support/in-process.ts'
import { sandboxApis } from '../apis.ts'
import type { Fixture } from '../fault.ts'
import { strangers } from './chains.ts'
import type { Workload } from './stranger.ts'

export interface StrangerResult {
  name: string
  /** Codes that failed, with their details; must be empty. */
  failures: string[]
  /** What a plan would create or change; must be empty. */
  proposals: string[]
}

/** Runs `verify` and `plan` in an empty folder on healthy chains that wi-setup did not create. */
export async function checkStrangers(selected = strangers): Promise<StrangerResult[]> {
  const environment = await newInProcessEnvironment({ subscriptions: 3 })
  const apis = sandboxApis(environment)
  const others = environment.sandbox.state.otherSubscriptions!.map(({ id }) => ({
    id,
    apis: sandboxApis(environment, id),
  }))
  const [, third] = others
  try {
    // The cluster, the webhook, two vaults and their secrets; not the workloads' own chains.
    const names = ['--resource-group', 'rg-score', '--cluster', 'aks-score']
    await third!.apis.arm('PUT', '/resourceGroups/rg-score', { location: 'westeurope' })
    const scaffold: Record<'rbac' | 'policy' | 'elsewhere', Fixture> = {} as never
    for (const access of ['rbac', 'policy', 'elsewhere'] as const) {
      const flags = [...environment.cloud, ...names, '--namespace', `scaffold-${access}`]
      const vault = ['--vault', `kv-score-${access}`, '--no-sample']
      vault.push(
        ...(access === 'elsewhere' ? ['--vault-subscription', third!.id] : ['--vault-access', access]),
      )
      const cwd = join(environment.root, access)
      mkdirSync(cwd)
      const { settings, outputs } = await applySetUp(environment, [...flags, ...vault], { cwd })
      scaffold[access] = { environment, apis, kube: apis.kube, settings, outputs, cwd } as unknown as Fixture
    }
    for (const each of [apis, ...others.map((other) => other.apis)])
      await each.arm('POST', '/providers/Microsoft.ManagedIdentity/register')
    const results: StrangerResult[] = []
    for (const [index, { name, access = 'rbac', build }] of selected.entries()) {
      const fixture = scaffold[access]
      const { vault, secret } = fixture.settings
      const workload: Workload = {
        fixture,
        apis,
        namespace: `stranger-${index}`,
        account: 'api',
        vault,
        vaultId: `/resourceGroups/rg-score/providers/Microsoft.KeyVault/vaults/${vault}`,
        secret,
        issuer: fixture.outputs.issuer,
        inSubscription: (n) => ({ ...workload, apis: others[n - 1]!.apis }),
      }
      await apis.kube('POST', '/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: workload.namespace },
      })
      await build(workload)
      const cwd = join(environment.root, workload.namespace)
      mkdirSync(cwd)
      const named = access === 'elsewhere' ? `/subscriptions/${third!.id}${workload.vaultId}` : vault
      const flags = [...environment.cloud, ...names, '--vault', named, '--secret', secret, '--output', 'json']
      const chain = ['--namespace', workload.namespace, '--service-account', workload.account]
      const verified = await environment.run(['verify', ...flags, ...chain], { cwd })
      const planned = await environment.run(['plan', ...flags, ...chain, '--no-sample'], { cwd })
      results.push({
        name,
        failures: problems(verified).concat(
          verified.json.checks
            .filter(({ status }: { status: string }) => status === 'fail')
            .map(({ code, detail }: { code: string; detail: string }) => `${code} ${detail}`),
        ),
        proposals: problems(planned).concat(
          (planned.json.steps ?? [])
            .filter(({ action }: { action: string }) => action !== 'keep')
            .map(({ action, id }: { action: string; id: string }) => `${action} ${id}`),
        ),
      })
    }
    return results
  } finally {
    await environment.close()
  }
}

const problems = ({ json }: { json: { error?: { message: string } | null } }): string[] =>
  json.error ? [json.error.message] : []
