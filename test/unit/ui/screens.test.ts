import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ActionRequiredError } from '../../../src/base/action-required.ts'
import { az, kubectl, wiSetup } from '../../../src/base/command.ts'
import { noTarget } from '../../../src/base/command-text.ts'
import { ServiceError } from '../../../src/clients/service-error.ts'
import { explain } from '../../../src/explain/index.ts'
import { missingError } from '../../../src/settings/resolve.ts'
import { valueRules } from '../../../src/settings/rules.ts'
import { settingSpec } from '../../../src/settings/table.ts'
import { differenceText } from '../../../src/ui/difference-text.ts'
import * as errors from '../../../src/ui/error-text.ts'
import * as setUp from '../../../src/ui/set-up-text.ts'
import * as verify from '../../../src/ui/verify-text.ts'
import { applied, broken, checkResult, issuer, settings, terminalStyle } from '../../support/examples.ts'

test('a failed verify shows the cause first, the difference, and the place in the chain', () => {
  assert.equal(
    verify.unhealthyText({ checks: broken, look: terminalStyle }),
    `  ✗ WI104  The federated credential's subject doesn't match the service account
           is      system:serviceaccount:shop:check-out
           should  system:serviceaccount:shop:checkout
                                                   ^
           Entra rejects every pod of shop/checkout with AADSTS700213.
           Fix:    wi-setup federate --namespace shop --service-account checkout

  cluster ─ issuer ─ ✗ credential ─ identity ─ access ─ vault
  6 passed, 1 failed, 4 skipped because of WI104
  trace 66666666-7777-4888-8999-000000000000
`,
  )
})

test('the failure that most skipped checks depend on comes first', () => {
  const late = checkResult('WI301', 'webhook', 'fail', {
    detail: 'not installed',
    remedy: 'npx wi-setup webhook',
  })
  const text = verify.unhealthyText({ checks: [late, ...broken], look: terminalStyle })
  assert.ok(text.indexOf('WI104') < text.indexOf('WI301'))
  assert.match(text, /cluster ─ issuer ─ ✗ credential ─ identity ─ ✗ webhook ─ access ─ vault/)
})

test('only failures are red', () => {
  const text = verify.unhealthyText({ checks: broken, look: { ...terminalStyle, color: true } })
  assert.ok(text.includes('\u001b[31m✗ credential\u001b[39m'))
  assert.ok(text.includes('\u001b[31m^\u001b[39m'))
})

test('long values are cut around their first difference', () => {
  const lines = differenceText({ is: issuer.slice(0, -1), should: issuer }, 11, terminalStyle)
  const [is = '', should = '', caret = ''] = lines
  assert.ok(lines.every((line) => line.length <= 80))
  assert.match(should, /^ {11}should {2}….*000000000000\/$/)
  assert.equal(should[caret.length - 1], '/')
  assert.equal(is[caret.length - 1], undefined)
  assert.equal(caret.trim(), '^')
  assert.deepEqual(differenceText({ is: 'off', should: 'on' }, 0, terminalStyle), [
    'is      off',
    'should  on',
  ])
  const words = { is: 'default action Allow', should: 'Deny, with rules for the pods' }
  assert.deepEqual(differenceText(words, 0, terminalStyle).length, 2)
  assert.match(
    differenceText({ is: 'a-long-enough-name ', should: 'a-long-enough-name' }, 0, terminalStyle)[0]!,
    /"$/,
  )
})

test('a successful set-up shows the proof and what to do next', () => {
  const proof = checkResult('WI508', 'vault', 'pass')
  const checks = [...broken.filter(({ status }) => status === 'pass'), proof]
  const all = [applied('resource group', 'done'), applied('cluster', 'done'), applied('vault', 'done')]
  assert.equal(
    setUp.successText({
      settings,
      checks,
      applied: all,
      see: [
        kubectl(['get'], {
          raw: '/api/v1/namespaces/shop/services/vault-reader:80/proxy/secrets/db-password',
        }),
      ],
      command: wiSetup,
      look: terminalStyle,
    }),
    `  ✓ checkout read db-password from kv-shop-7f3a with its own token.
    7 checks passed

  Created:           vault
  Changed:           cluster

  In your pod template:
      metadata: { labels: { azure.workload.identity/use: "true" } }
      spec:     { serviceAccountName: checkout }
  Try it:            kubectl get --raw /api/v1/namespaces/shop/services/vault-reader:80/proxy/secrets/db-password
  Check again:       wi-setup verify
  Remove everything: wi-setup destroy
`,
  )
})

test('a healthy system with a warning', () => {
  const warning = checkResult('WI301', 'webhook', 'warn', {
    detail: 'one of two pods is ready',
    remedy: 'Wait',
  })
  const some = [...broken.filter(({ status }) => status === 'pass'), warning]
  const checks = [...some, checkResult('WI508', 'vault', 'pass')]
  assert.match(
    verify.healthyText({ settings, checks: some, look: terminalStyle }),
    /^ {2}✓ Nothing failed\. {3}7 checks passed\n/,
    'without the proof, no claim about access',
  )
  assert.equal(
    verify.healthyText({ settings, checks, look: terminalStyle }),
    `  ✓ checkout reads db-password from kv-shop-7f3a with its own token.
    8 checks passed

  ! WI301  one of two pods is ready
           Fix:    Wait

  cluster ─ issuer ─ credential ─ identity ─ access ─ vault
`,
  )
})

test('many warnings are shortened on a terminal only', () => {
  const warned = ['WI811', 'WI812', 'WI813', 'WI814'].map((code) =>
    checkResult(code as 'WI811', 'vault', 'warn', {
      detail: 'Who reaches it can read it',
      is: 'so',
      should: 'not so',
      remedy: 'kubectl delete it',
    }),
  )
  const checks = [checkResult('WI508', 'vault', 'pass'), ...warned]
  const brief = verify.healthyText({ settings, checks, look: { ...terminalStyle, fold: true } })
  assert.equal(
    brief.split('\n').slice(3, -3).join('\n'),
    `
  ! WI811  Who reaches it can read it
  ! WI812  Who reaches it can read it
  ! WI813  Who reaches it can read it
  ! WI814  Who reaches it can read it

  For the fixes, run the same command with --only WI811 or --report verify.html`.slice(1),
  )
  const few = verify.healthyText({
    settings,
    checks: checks.slice(0, 4),
    look: { ...terminalStyle, fold: true },
  })
  for (const text of [verify.healthyText({ settings, checks, look: terminalStyle }), few])
    assert.match(text, /is +so\n +should +not so\n +Fix: +kubectl delete it/)
})

test('selected checks show no chain', () => {
  const text = verify.healthyText({
    settings,
    checks: [checkResult('WI301', 'webhook', 'pass')],
    look: terminalStyle,
  })
  assert.equal(text, '  ✓ Nothing failed.   1 check passed\n')
})

test('a failed step shows the problem, causes, fix, the service message, and what was done', () => {
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
    setUp.failedStepsText({ applied: all, again: wiSetup(), look: terminalStyle }),
    `  ✗ vault kv-shop-7f3a was not created
    The vault name kv-shop-7f3a is already in use
    Why:  Vault names are unique across Azure
          A deleted vault keeps its name for 7 to 90 days
    Fix:  Choose another name with --vault

    VaultAlreadyExists: The vault name 'kv-shop-7f3a' is already in use. Vault
    names are globally unique.
    request 1234-5678

  Done: app registration.
  Not started because of that: access, secret.
  To continue, run the same command again:  wi-setup
`,
  )
})

test('a failure before the plan', () => {
  const error = new ActionRequiredError('The namespace shop is being deleted', 'Wait until it is gone')
  assert.equal(
    errors.failureText(explain(error), terminalStyle),
    `  ✗ The namespace shop is being deleted
    Fix:  Wait until it is gone
`,
  )
})

test('an interrupted run shows what was done, what may go on, and how to continue', () => {
  const again = wiSetup()
  assert.equal(
    setUp.interruptedText({
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
  Azure may still be working on: cluster aks-shop.
  To continue, run the same command again:  wi-setup
`,
  )
  assert.match(
    setUp.interruptedText({ applied: [], again, look: terminalStyle }),
    /^ {2}Stopped\. Nothing was changed\.\n/,
  )
})

test('all missing settings are listed, with a command to copy', () => {
  const { message, commands } = missingError(
    (['resourceGroup', 'cluster', 'vault'] as const).map(settingSpec),
    [],
  )
  assert.equal(
    errors.usageText(message, { columns: 80, commands }),
    `wi-setup: 3 settings are missing, and there is no terminal to ask on

  --resource-group <name>   Azure resource group to use or create
  --cluster <name>          AKS cluster to use or create: a name or resource ID
  --vault <name>            Key Vault to use or create: a name or resource ID

  wi-setup --resource-group … --cluster … --vault …
`,
  )
})

test('a long rule wraps at a space', () => {
  const rule = valueRules.vault('kv_x')
  const lines = errors
    .usageText(`--vault "kv_x" ${rule}      for example kv-shop`, { columns: 80 })
    .split('\n')
  assert.ok(lines.every((line) => line.length <= 80))
  assert.match(lines[1] ?? '', / {2}3 to 24 letters.*\S$/)
  assert.match(lines[2] ?? '', /^ {2}\S/)
  assert.equal(lines[3], '  for example kv-shop')
})

test('each of several usage errors starts with the program name', () => {
  assert.equal(
    errors.usageText(
      '--vault "kv_" is not a name\n  3 to 24 letters\n--secret "x_" is not a name\n  1 to 127',
    ),
    `wi-setup: --vault "kv_" is not a name
  3 to 24 letters
wi-setup: --secret "x_" is not a name
  1 to 127
`,
  )
})

test('an unexpected error shows its stack trace only with --debug', () => {
  const error = new TypeError('x is not a function')
  assert.match(errors.unexpectedText(error, false), /^wi-setup: x is not a function\n {2}Run .*--debug/)
  assert.match(errors.unexpectedText(error, true), /\n {4}at .*screens\.test/)
})

test('escape sequences of a service never reach the terminal', () => {
  const error = new ServiceError({ service: 'arm', code: 'Odd', message: 'a\u001b[2Jb\u0007c\r\nd' })
  assert.doesNotMatch(errors.failureText(explain(error), terminalStyle).replaceAll('\n', ''), /\p{Cc}/u)
})

test('on AKS, the command that adds the context of the fixes is shown once', () => {
  const checks = [1, 2].map(() =>
    checkResult('WI202', 'workload', 'fail', { detail: 'No label', fix: kubectl(['get', 'pods']) }),
  )
  const target = {
    ...noTarget,
    kubectl: ['--context', 'aks-shop'],
    getCredentials: az('aks get-credentials', { 'resource-group': 'rg', name: 'aks-shop' }),
  }
  const shown = verify.unhealthyText({ checks, look: { ...terminalStyle, target } })
  assert.match(shown, /Fix: {4}kubectl --context aks-shop get pods/)
  assert.equal(shown.split('az aks get-credentials --resource-group rg --name aks-shop').length, 2)
})
