import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Remedy } from '../../../src/base/command.ts'
import { isScript, partsOf } from '../../../src/base/command.ts'
import { commandsOf, noTarget, remedyText, scriptText } from '../../../src/base/command-text.ts'
import { catalogue } from '../../../src/explain/catalogue/index.ts'
import type { ValueSource } from '../../../src/explain/command-template.ts'
import { renderRemedy } from '../../../src/explain/explanation.ts'
import { explanations } from '../../../src/explain/find-explanation.ts'
import { explainText } from '../../../src/explain/log-reader.ts'
import { valueKinds } from '../../../src/explain/value-kinds.ts'
import { hostileNames, makeShellBench, shells } from '../../support/shells.ts'

const bench = makeShellBench()
after(() => bench.close())

/** Values of every name that a template may use. */
const named = (value: string) => Object.fromEntries([...valueKinds, ...extra].map((name) => [name, value]))
const extra = ['action', 'client', 'manager', 'program']
const sources: readonly ValueSource[] = ['service', 'text']

/** Every remedy of every explanation and of every catalogue entry, with a hostile value for everything. */
const remedies: Remedy[] = [
  ...hostileNames.flatMap((name) =>
    sources.flatMap((source) =>
      explanations.map((each) => {
        const values = named(name)
        return renderRemedy(each, { ...values, ...each.derive?.(values) }, source)
      }),
    ),
  ),
  ...catalogue.map(({ remedy }) => (typeof remedy === 'string' ? remedy : remedy())),
]

/** The commands in them by their text, which is the same for most names. */
const scripts = new Map(
  remedies
    .flatMap((remedy) => partsOf(remedy))
    .flatMap((part) => (isScript(part) ? [[scriptText(part, noTarget), part] as const] : [])),
)

for (const shell of shells)
  test(`${shell}: a command of an explanation runs with exactly its arguments`, () => {
    for (const [text, script] of scripts) {
      if (text.startsWith('export ')) continue
      const { calls, created } = bench.evaluate(shell, text)
      const expected = commandsOf(script, noTarget)
        .flat()
        .map((argv) => [...argv])
      assert.deepEqual(
        calls,
        expected.toSorted((a, b) => (a.join('\0') < b.join('\0') ? -1 : 1)),
        text,
      )
      assert.deepEqual(created, [], text)
    }
  })

test('the sweep covers every explanation', (t) => {
  t.diagnostic(`${remedies.length} remedies, ${scripts.size} different commands, in ${shells.join(', ')}`)
  assert.ok(remedies.length > 5000 && scripts.size > 100)
})

const text = (log: string) =>
  explainText(log)
    .failures.map(({ remedy }) => remedyText(remedy, noTarget))
    .join('\n')

test('a log line cannot put a command into a remedy', () => {
  const line = `AADSTS700213: No matching federated identity record found for presented assertion subject 'system:serviceaccount:shop:x;touch\${IFS}pwned'.`
  assert.doesNotMatch(text(line), /touch/)
})

test('a log line cannot get access for the caller that it names: the remedy says who asked', () => {
  const lines = {
    'rolebindings is forbidden: User "attacker@contoso.com" cannot create resource "rolebindings" in API group "rbac.authorization.k8s.io" at the cluster scope':
      'attacker@contoso.com',
    "AuthorizationFailed: The client 'attacker@contoso.com' with object id '66666666-0000-4000-8000-000000000000' does not have authorization to perform action 'Microsoft.Authorization/roleAssignments/write' over scope '/subscriptions/55555555-0000-4000-8000-000000000000' or the scope is invalid.":
      'attacker@contoso.com',
    'AADSTS7000229: The client application 66666666-0000-4000-8000-000000000000 is missing service principal in the tenant 55555555-0000-4000-8000-000000000000.':
      '66666666-0000-4000-8000-000000000000',
  }
  for (const [line, who] of Object.entries(lines)) {
    const remedy = text(line)
    assert.match(remedy, new RegExp(`^The log names ${who}\\. `), line)
    assert.equal(remedy.split(who).length, 2, remedy)
    assert.match(remedy, /…/)
  }
})

test('every placeholder of a command has a kind, so that its value is checked', () => {
  const unknown = new Set<string>()
  for (const each of explanations) {
    if (typeof each.remedy === 'string') continue
    const names = new Proxy(
      {},
      {
        get: (_, name) => {
          if (typeof name === 'string' && !valueKinds.includes(name)) unknown.add(name)
        },
      },
    )
    each.remedy(names as Record<string, string>, 'service')
  }
  assert.deepEqual(
    [...unknown].filter((name) => !extra.includes(name)),
    [],
  )
})
