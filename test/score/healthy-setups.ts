import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { newInProcessEnvironment } from '../support/in-process.ts'
import { sandboxApis } from './apis.ts'
import { setUpFixture } from './fixture.ts'
import { codesOf, runVerify } from './run-verify.ts'

const chart = fileURLToPath(new URL('../support/chart', import.meta.url))
const hasHelm = spawnSync('helm', ['version']).status === 0

export interface HealthyResult {
  name: string
  checks: number
  falseAlarms: string[]
}

/** Runs `verify` on a healthy set-up of every kind. */
export async function checkHealthySetups(print: (text: string) => void): Promise<HealthyResult[]> {
  const results: HealthyResult[] = []
  for (const webhook of ['addon', 'helm'] as const) {
    if (webhook === 'helm' && !hasHelm) {
      print('Skipping the set-ups with the Helm chart: helm is not installed')
      continue
    }
    const environment = await newInProcessEnvironment()
    const clock = { ahead: 0, stopped: false }
    const install = webhook === 'helm' ? ['--webhook', 'helm', '--chart', chart] : []
    try {
      for (const by of ['AKS', 'kubeconfig'])
        for (const os of ['linux', 'windows'])
          for (const identity of ['app', 'managed'])
            for (const access of ['rbac', 'policy']) {
              const name = [by, webhook, os, identity, access].join(', ')
              const fixture = await setUpFixture(environment, sandboxApis(environment), clock, [
                ...['--identity-kind', identity, '--vault-access', access, '--os', os],
                ...(os === 'windows' ? ['--sample-image', 'node:24-windows'] : []),
                ...(by === 'AKS' ? install : ['--kubeconfig', environment.kubeconfig]),
              ])
              const { checks, findings } = await runVerify(fixture)
              results.push({ name, checks: checks.length, falseAlarms: codesOf(findings) })
            }
    } finally {
      await environment.close()
    }
  }
  return results
}
