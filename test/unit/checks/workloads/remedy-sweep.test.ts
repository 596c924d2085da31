import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Script } from '../../../../src/base/command.ts'
import { wiSetup } from '../../../../src/base/command.ts'
import { noTarget, scriptText } from '../../../../src/base/command-text.ts'
import { remedyFor } from '../../../../src/checks/workloads/remedy.ts'
import type { LintContext } from '../../../../src/checks/workloads/rule.ts'
import { workloadRules } from '../../../../src/checks/workloads/rules.ts'
import type { Workload } from '../../../../src/checks/workloads/workload.ts'
import { hostileNames, makeShellBench, shells } from '../../../support/shells.ts'
import { manifestFaults } from '../../../support/workloads/faults.ts'
import { healthyWorkloads, type KubeObject } from '../../../support/workloads/healthy.ts'

const bench = makeShellBench()
after(() => bench.close())

/** Returns the commands that fix every fault of workloads whose names are all this one. */
function commandsFor(name: string): Script[] {
  const context: LintContext = {
    audience: name,
    identityAccount: () => name,
    serviceAccount: () => 'unknown',
    clientIdElsewhere: () => undefined,
    usesPodTokens: () => 'unknown',
    namespace: () => 'unknown',
    configMap: () => 'unknown',
    kubernetesVersion: '1.18.0',
    webhookVersion: undefined,
    command: (word) => wiSetup(word),
  }
  return manifestFaults.flatMap((fault) => {
    const object: KubeObject = healthyWorkloads.Deployment()
    fault.break(object)
    object.metadata.name = name
    object.metadata.namespace = name
    for (const container of object.spec.template.spec.containers) container.name = name
    const of: Workload = {
      kind: 'Deployment',
      namespace: name,
      name,
      object: object as Workload['object'],
      pods: [object as Workload['object']],
      selectedByName: true,
      location: undefined,
      owner: undefined,
    }
    return workloadRules
      .flatMap((rule) => rule.inspect(of, context))
      .map((finding) => remedyFor(of, finding))
      .filter((remedy) => typeof remedy !== 'string' && 'pipelines' in remedy)
  })
}

const joined = (call: readonly string[]) => call.join('\0')
const callsOf = ({ pipelines }: Script): string[][] =>
  pipelines.flat().map(([name, ...args]) => (name === 'wi-setup' ? ['npx', name, ...args] : [name, ...args]))
const program = { ...noTarget, program: ['npx', 'wi-setup'] }

for (const shell of shells)
  test(`in ${shell}, fixes of workloads with hostile names run exactly what they print`, (t) => {
    let count = 0
    for (const name of hostileNames) {
      const scripts = commandsFor(name)
      const { calls, created, stderr } = bench.evaluate(
        shell,
        scripts.map((each) => scriptText(each, program)).join('\n'),
      )
      assert.deepEqual(calls.map(joined).toSorted(), scripts.flatMap(callsOf).map(joined).toSorted(), name)
      assert.deepEqual([created, stderr], [[], ''], name)
      count += scripts.length
    }
    assert.ok(count > 100)
    t.diagnostic(`${count} remedies of ${hostileNames.length} names`)
  })
