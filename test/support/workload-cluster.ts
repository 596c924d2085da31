import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { execa } from 'execa'
import { kubeconfigOfAll } from '../../sandbox/index.ts'
import { chainChecks } from '../../src/checks/index.ts'
import { type WorkloadSelection, workloadsFound } from '../../src/checks/workloads/find-workloads.ts'
import { workloadRuleChecks } from '../../src/checks/workloads/rule-checks.ts'
import { verify } from '../../src/engine/verify.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { request } from './request.ts'
import { newTestRun } from './test-run.ts'
import type { KubeObject } from './workloads/healthy.ts'

export const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0

const groups: Record<string, string> = {
  Pod: 'api/v1',
  ServiceAccount: 'api/v1',
  ConfigMap: 'api/v1',
  Namespace: 'api/v1',
  Job: 'apis/batch/v1',
  CronJob: 'apis/batch/v1',
}

/** Returns a finished set-up, and ways to change its cluster with plain requests and with kubectl. */
export async function newWorkloadCluster(over: Partial<Settings> = {}) {
  const job = await newTestRun({ sample: false, ...over })
  await job.apply()
  const home = mkdtempSync(join(tmpdir(), 'wi-kubectl-'))
  after(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }))
  const config = join(home, 'config')
  writeFileSync(config, kubeconfigOfAll(job.sandbox.simulator), { mode: 0o600 })
  const [cluster] = Object.values(job.state.clusters)
  const base = `${job.sandbox.simulator.addresses.kube}/${cluster!.fqdn}`
  const kube = async (method: string, path: string, json?: unknown): Promise<KubeObject> => {
    const { status, body } = await request(job.sandbox, `${base}/${path}`, {
      method,
      token: cluster!.adminToken,
      headers: {
        'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    })
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`)
    return body as KubeObject
  }
  const pathOf = ({ kind, metadata }: KubeObject) =>
    `${groups[kind] ?? 'apis/apps/v1'}/namespaces/${metadata.namespace ?? 'shop'}/${kind.toLowerCase()}s`
  return {
    ...job,
    kube,
    create: (object: KubeObject) => kube('POST', pathOf(object), object),
    patch: (object: KubeObject, patch: KubeObject) =>
      kube('PATCH', `${pathOf(object)}/${object.metadata.name}`, patch),
    remove: (object: KubeObject) =>
      kube('DELETE', `${pathOf(object)}/${object.metadata.name}?propagationPolicy=Background`),
    async check(wanted: WorkloadSelection = 'all') {
      job.run.forgetReads()
      const results = await verify([...chainChecks, workloadsFound(wanted), ...workloadRuleChecks], job.run)
      return results.filter(({ status }) => status === 'fail' || status === 'warn')
    },
    /** Runs a printed fix, unchanged, in a shell. */
    async shell(line: string) {
      const { PATH = '' } = process.env
      const env = { PATH, HOME: home, KUBECONFIG: config }
      const { exitCode, all } = await execa('sh', ['-c', line], {
        env,
        extendEnv: false,
        reject: false,
        all: true,
      })
      if (exitCode !== 0) throw new Error(`${line}\n${all}`)
    },
  }
}
