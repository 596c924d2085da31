import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  az,
  inSequence,
  instruction,
  kubectl,
  piped,
  type Script,
  wiSetup,
  withFlag,
} from '../../../src/base/command.ts'
import { noTarget, remedyText, scriptText, scriptWords } from '../../../src/base/command-text.ts'
import { foldCommand } from '../../../src/ui/text.ts'
import { hostileNames, makeShellBench, shells } from '../../support/shells.ts'

const bench = makeShellBench()
after(() => bench.close())

const target = { ...noTarget, kubectl: ['--context', 'aks (prod)'], az: ['--subscription', 'a b'] }

const callsOf = ({ pipelines }: Script): string[][] =>
  pipelines
    .flat()
    .map(([name, ...args]) => {
      if (name === 'wi-setup') return [name, ...args]
      return name === 'kubectl' ? [name, ...target.kubectl, ...args] : [name, ...args, ...target.az]
    })
    .toSorted((a, b) => (a.join('\0') < b.join('\0') ? -1 : 1))

/** Every form of command, with a value from elsewhere at each place that takes one. */
const forms: Record<string, (value: string) => Script> = {
  'az option': (value) => az('aks start', { name: value, 'resource-group': value }),
  'kubectl object': (value) => kubectl(['delete', `rolebinding/${value}`], { namespace: value }),
  'kubectl patch': (value) => kubectl(['patch', 'sa/x'], { patch: JSON.stringify({ name: value }) }),
  'wi-setup flag': (value) => withFlag(wiSetup('vault', '--vault', value), '--vault', value),
  sequence: (value) => inSequence(az('group show', { name: value }), kubectl(['get', `pod/${value}`])),
  pipe: (value) => piped(kubectl(['get', `pod/${value}`]), kubectl(['apply'], { filename: '-' })),
}

for (const shell of shells)
  test(`in ${shell}, the programs get exactly the arguments, and nothing else runs`, () => {
    for (const [form, make] of Object.entries(forms))
      for (const name of hostileNames) {
        const script = make(name)
        for (const text of [
          scriptText(script, target),
          foldCommand(scriptWords(script, target), 40).join('\n'),
        ]) {
          const { calls, created, stderr } = bench.evaluate(shell, text)
          assert.deepEqual(calls, callsOf(script), `${form}: ${text}`)
          assert.deepEqual([created, stderr], [[], ''], `${form}: ${text}`)
        }
      }
  })

test('no value becomes a flag: one that starts with a dash is joined to its own flag', () => {
  assert.equal(scriptText(az('group show', { name: '--all' }), noTarget), 'az group show --name=--all')
  assert.equal(scriptText(wiSetup('--vault=-x'), noTarget), 'wi-setup --vault=-x')
})

test('a flag is replaced in both of its forms', () => {
  const replaced = (...args: string[]) => scriptText(withFlag(wiSetup(...args), '--vault', 'new'), noTarget)
  assert.equal(replaced('vault', '--vault', 'a b', '--sandbox'), 'wi-setup vault --sandbox --vault new')
  assert.equal(replaced('vault', '--vault=-a', '--sandbox'), 'wi-setup vault --sandbox --vault new')
})

test('az and kubectl name the subscription and the cluster where they take them', () => {
  const text = (script: Script) => scriptText(script, target)
  assert.equal(text(kubectl(['get', 'pods'])), "kubectl --context 'aks (prod)' get pods")
  assert.equal(text(kubectl(['patch', '--local'])), 'kubectl patch --local')
  assert.equal(text(az('group list')), "az group list --subscription 'a b'")
  assert.equal(text(az('ad app list')), 'az ad app list')
  assert.equal(text(az('login', { tenant: 't' })), 'az login --tenant t')
})

test('an instruction quotes the commands in it and strips control characters from its own text', () => {
  const remedy = instruction`In ${'a\u001b[31m b'}, run ${az('group show', { name: 'a b' })}, then wait`
  assert.equal(remedyText(remedy, noTarget), "In a b, run az group show --name 'a b', then wait")
  assert.equal(remedyText('a\u202eb', noTarget), 'ab')
})

test('permissions are applied with the kubeconfig of an administrator, not with that of the run', () => {
  const script = piped(wiSetup('permissions'), kubectl(['apply'], { filename: '-' }))
  assert.equal(scriptText(script, target), 'wi-setup permissions | kubectl apply --filename -')
})

test('commands of the kubeconfig name no context, and commands of no subscription name none', () => {
  const target = {
    ...noTarget,
    kubectl: ['--kubeconfig', 'k.yaml', '--context', 'gone'],
    az: ['--subscription', 'Prod'],
  }
  const text = (script: Script) => remedyText(script, target)
  assert.equal(text(kubectl(['config', 'get-contexts'])), 'kubectl --kubeconfig k.yaml config get-contexts')
  assert.equal(
    text(kubectl(['config', 'set-cluster', 'c'], { kubeconfig: 'own.yaml' })),
    'kubectl config set-cluster c --kubeconfig own.yaml',
  )
  assert.equal(text(az('aks install-cli')), 'az aks install-cli')
  assert.equal(text(az('aks show', { name: 'a' })), 'az aks show --name a --subscription Prod')
  // Whoever lacks the right can't grant it.
  assert.equal(
    text(kubectl(['create', 'role', 'wi-setup', '--verb=get'])),
    'kubectl create role wi-setup --verb=get',
  )
})
