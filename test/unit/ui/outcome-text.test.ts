import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ActionRequiredError } from '../../../src/base/action-required.ts'
import { ServiceError } from '../../../src/clients/service-error.ts'
import { explain } from '../../../src/explain/index.ts'
import { missingError } from '../../../src/settings/resolve.ts'
import { valueRules } from '../../../src/settings/rules.ts'
import { settingSpec } from '../../../src/settings/table.ts'
import { differenceText as difference } from '../../../src/ui/difference-text.ts'
import * as outcome from '../../../src/ui/outcome-text.ts'
import {
  applied,
  broken,
  checkResult,
  command,
  issuer,
  settings,
  terminalStyle,
} from '../../support/examples.ts'

test('a failed verify: the cause first, the difference visible, where in the chain', () => {
  assert.equal(
    outcome.unhealthyText({ checks: broken, look: terminalStyle }),
    `  ✗ WI104  The credential's subject is not this service account's
           is      system:serviceaccount:shop:check-out
           should  system:serviceaccount:shop:checkout
                                                   ^
           Entra answers AADSTS700213 to every pod of shop/checkout.
           Mend:   npx wi-setup federate --namespace shop --service-account checkout

  cluster ─ issuer ─ ✗ credential ─ identity ─ access ─ vault
  6 passed, 1 failed, 4 skipped because of WI104
  trace 66666666-7777-4888-8999-000000000000
`,
  )
})

test('of several failures the one that others hang on comes first', () => {
  const late = checkResult('WI301', 'webhook', 'fail', {
    detail: 'not installed',
    remedy: 'npx wi-setup webhook',
  })
  const text = outcome.unhealthyText({ checks: [late, ...broken], look: terminalStyle })
  assert.ok(text.indexOf('WI104') < text.indexOf('WI301'))
  assert.match(text, /cluster ─ issuer ─ ✗ credential ─ identity ─ ✗ webhook ─ access ─ vault/)
})

test('only red is what is broken', () => {
  const text = outcome.unhealthyText({ checks: broken, look: { ...terminalStyle, color: true } })
  assert.ok(text.includes('\u001b[31m✗ credential\u001b[39m'))
  assert.ok(text.includes('\u001b[31m^\u001b[39m'))
})

test('the difference of long values is shown around the place where they differ', () => {
  const lines = difference({ is: issuer.slice(0, -1), should: issuer }, 11, terminalStyle)
  const [is = '', should = '', caret = ''] = lines
  assert.ok(lines.every((line) => line.length <= 80))
  assert.match(should, /^ {11}should {2}….*000000000000\/$/)
  assert.equal(should[caret.length - 1], '/')
  assert.equal(is[caret.length - 1], undefined)
  assert.equal(caret.trim(), '^')
  assert.deepEqual(difference({ is: 'off', should: 'on' }, 0, terminalStyle), ['is      off', 'should  on'])
  const words = { is: 'default action Allow', should: 'Deny, with rules for the pods' }
  assert.deepEqual(difference(words, 0, terminalStyle).length, 2)
  assert.match(
    difference({ is: 'a-long-enough-name ', should: 'a-long-enough-name' }, 0, terminalStyle)[0]!,
    /"$/,
  )
})

test('success: a proof, and what to do next', () => {
  const checks = broken.filter(({ status }) => status === 'pass')
  const all = [applied('resource group', 'done'), applied('cluster', 'done'), applied('vault', 'done')]
  assert.equal(
    outcome.successText({
      settings,
      checks,
      applied: all,
      see: [
        'kubectl -n shop port-forward svc/vault-reader 8080:80',
        'curl localhost:8080/secrets/db-password',
      ],
      command,
      look: terminalStyle,
    }),
    `  ✓ checkout got db-password from kv-shop-7f3a with its own token.   6 checks

  Made:         vault
  Changed:      cluster

  Use it in your pod template:
      metadata: { labels: { azure.workload.identity/use: "true" } }
      spec:     { serviceAccountName: checkout }
  See it:       kubectl -n shop port-forward svc/vault-reader 8080:80
                curl localhost:8080/secrets/db-password
  Check again:  npx wi-setup verify
  Take back:    npx wi-setup destroy
`,
  )
})

test('a healthy system, with a warning', () => {
  const warning = checkResult('WI301', 'webhook', 'warn', {
    detail: 'one of two pods is ready',
    remedy: 'Wait',
  })
  const some = [...broken.filter(({ status }) => status === 'pass'), warning]
  const checks = [...some, checkResult('WI508', 'vault', 'pass')]
  assert.match(
    outcome.healthyText({ settings, checks: some, look: terminalStyle }),
    /^ {2}✓ 7 checks made, none failed\.\n/,
    'some of the checks prove nothing but themselves',
  )
  assert.equal(
    outcome.healthyText({ settings, checks, look: terminalStyle }),
    `  ✓ checkout gets db-password from kv-shop-7f3a with its own token.   8 checks

  ! WI301  one of two pods is ready
           Mend:   Wait

  cluster ─ issuer ─ credential ─ identity ─ access ─ vault
`,
  )
})

test('many warnings: a sentence each on a terminal, in full elsewhere', () => {
  const warned = ['WI811', 'WI812', 'WI813', 'WI814'].map((code) =>
    checkResult(code as 'WI811', 'vault', 'warn', {
      detail: 'Who reaches it can read it',
      is: 'so',
      should: 'not so',
      remedy: 'kubectl delete it',
    }),
  )
  const checks = [checkResult('WI508', 'vault', 'pass'), ...warned]
  const brief = outcome.healthyText({ settings, checks, look: { ...terminalStyle, fold: true } })
  assert.equal(
    brief.split('\n').slice(2, -3).join('\n'),
    `
  ! WI811  Who reaches it can read it
  ! WI812  Who reaches it can read it
  ! WI813  Who reaches it can read it
  ! WI814  Who reaches it can read it

  What mends them: the same command with --only WI811, or with --report
  verify.html`.slice(1),
  )
  const few = outcome.healthyText({
    settings,
    checks: checks.slice(0, 4),
    look: { ...terminalStyle, fold: true },
  })
  for (const text of [outcome.healthyText({ settings, checks, look: terminalStyle }), few])
    assert.match(text, /is +so\n +should +not so\n +Mend: +kubectl delete it/)
})

test('a part of the checks draws no chain', () => {
  const text = outcome.healthyText({
    settings,
    checks: [checkResult('WI301', 'webhook', 'pass')],
    look: terminalStyle,
  })
  assert.equal(text, '  ✓ 1 check made, none failed.\n')
})

test('a failed step: what, why, mend, their words, and how far the rest has come', () => {
  const error = new ServiceError({
    service: 'arm',
    code: 'VaultAlreadyExists',
    message: "The vault name 'kv-shop-7f3a' is already in use. Vault names are globally unique.",
    requestId: '1234-5678',
  })
  const all = [
    applied('resource group', 'done'),
    applied('app registration', 'done'),
    applied('vault', 'failed', { error }),
    applied('access', 'skipped'),
    applied('secret', 'skipped'),
  ]
  assert.equal(
    outcome.failedStepsText({ applied: all, again: 'npx wi-setup', look: terminalStyle }),
    `  ✗ vault kv-shop-7f3a was not made
    The vault name kv-shop-7f3a is already in use
    Why:   Vault names are unique across Azure
           A deleted vault keeps its name for 7 to 90 days
    Mend:  Choose another name with --vault

    VaultAlreadyExists: The vault name 'kv-shop-7f3a' is already in use. Vault
    names are globally unique.
    request 1234-5678

  Done: app registration.
  Not begun because of it: access, secret.
  The same command goes on from here:  npx wi-setup
`,
  )
})

test('a refusal before the plan', () => {
  const error = new ActionRequiredError('The namespace shop is being deleted', 'Wait until it is gone')
  assert.equal(
    outcome.failureText(explain(error), terminalStyle),
    `  ✗ The namespace shop is being deleted
    Mend:  Wait until it is gone
`,
  )
})

test('interrupted: what is done, what goes on, and that the same command goes on', () => {
  const again = 'npx wi-setup'
  assert.equal(
    outcome.interruptedText({
      applied: [
        applied('resource group', 'done'),
        applied('app registration', 'done'),
        applied('vault', 'done'),
        applied('cluster', 'stopped', { started: true }),
        applied('secret', 'stopped'),
      ],
      again,
      look: terminalStyle,
    }),
    `  Stopped. Done: app registration, vault.
  Azure may still be at work on: cluster aks-shop.
  The same command goes on from here:  npx wi-setup
`,
  )
  assert.match(
    outcome.interruptedText({ applied: [], again, look: terminalStyle }),
    /^ {2}Stopped\. Nothing has been changed\.\n/,
  )
})

test('missing settings are named together, with the line to copy', () => {
  const { message } = missingError((['resourceGroup', 'cluster', 'vault'] as const).map(settingSpec), '')
  assert.equal(
    outcome.usageText(message, 80),
    `wi-setup: 3 settings are missing, and there is no terminal to ask on

  --resource-group   the Azure resource group to use or create
  --cluster          the AKS cluster's name, in the group; created if absent
  --vault            the Key Vault's name; created if absent

  npx wi-setup --resource-group … --cluster … --vault …
`,
  )
})

test('on a terminal a long rule is broken at a blank', () => {
  const rule = valueRules.vault('kv_x')
  const lines = outcome.usageText(`--vault "kv_x" ${rule}      e.g. kv-shop`, 80).split('\n')
  assert.ok(lines.every((line) => line.length <= 80))
  assert.match(lines[1] ?? '', / {2}3 to 24 letters.*\S$/)
  assert.match(lines[2] ?? '', /^ {2}\S/)
})

test('several faults each begin with the name of the program', () => {
  assert.equal(
    outcome.usageText(
      '--vault "kv_" is not a name\n  3 to 24 letters\n--secret "x_" is not a name\n  1 to 127',
    ),
    `wi-setup: --vault "kv_" is not a name
  3 to 24 letters
wi-setup: --secret "x_" is not a name
  1 to 127
`,
  )
})

test('a fault of our own shows its place only when asked', () => {
  const error = new TypeError('x is not a function')
  assert.match(outcome.unexpectedText(error, false), /^wi-setup: x is not a function\n {2}Run .*--debug/)
  assert.match(outcome.unexpectedText(error, true), /\n {4}at .*outcome-text\.test/)
})

test('escape sequences of a service never reach the terminal', () => {
  const error = new ServiceError({ service: 'arm', code: 'Odd', message: 'a\u001b[2Jb\u0007c\r\nd' })
  assert.doesNotMatch(outcome.failureText(explain(error), terminalStyle).replaceAll('\n', ''), /\p{Cc}/u)
})
