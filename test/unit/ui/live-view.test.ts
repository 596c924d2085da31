import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServiceError } from '../../../src/clients/service-error.ts'
import { makeLiveView, type ProgressView } from '../../../src/ui/live-view.ts'
import { makePlainView } from '../../../src/ui/plain-view.ts'
import { checkResult, terminalStyle } from '../../support/examples.ts'
import { makeTestTerminal } from '../../support/screen.ts'

const refused = new ServiceError({ service: 'arm', code: 'VaultAlreadyExists', message: 'taken' })

function begin({ report }: ProgressView) {
  report({
    type: 'started',
    id: 'cluster',
    title: 'cluster',
    label: 'aks-shop',
    usually: 'about 4 min',
  })
  report({
    type: 'started',
    id: 'vault-access',
    title: 'access',
    label: 'to secrets of kv-shop-7f3a',
    usually: undefined,
  })
  report({
    type: 'note',
    id: 'vault-access',
    text: 'waiting for Azure to replicate the new identity (up to 4 min)',
  })
}
const done = {
  type: 'done',
  id: 'vault',
  title: 'vault',
  label: 'kv-shop-7f3a',
  action: 'create',
  ms: 11_400,
} as const

test('finished steps are kept; running steps are live lines with their time and what they wait for', (t) => {
  const screen = makeTestTerminal()
  let now = 0
  const view = makeLiveView(screen.stream, { ...terminalStyle, now: () => now })
  t.after(view.stop)
  begin(view)
  now = 92_000
  view.report(done)
  assert.equal(
    screen.text(),
    `
  ✓ vault                 kv-shop-7f3a                                   11.4 s
  ⠋ cluster               aks-shop                    1:32, usually about 4 min
  ⠋ access                to secrets of kv-shop-7f3a                       1:32
                          waiting for Azure to replicate the new identity (up
                          to 4 min)`.slice(1),
  )
  view.report({
    ...done,
    id: 'vault-access',
    title: 'access',
    label: 'to secrets of kv-shop-7f3a',
    ms: 95_000,
  })
  view.report({
    type: 'failed',
    id: 'cluster',
    title: 'cluster',
    label: 'aks-shop',
    error: refused,
    ms: 200,
  })
  view.stop()
  assert.equal(
    screen.text(),
    `
  ✓ vault                 kv-shop-7f3a                                   11.4 s
  ✓ access                to secrets of kv-shop-7f3a                       1:35
  ✗ cluster               aks-shop   VaultAlreadyExists                   0.2 s`.slice(1),
  )
})

test('planning and checking show one live line each, which disappears', (t) => {
  const screen = makeTestTerminal()
  const view = makeLiveView(screen.stream, { ...terminalStyle, now: () => 0 })
  t.after(view.stop)
  view.report({ type: 'inspecting', steps: 2 })
  view.report({ type: 'inspected', id: 'vault' })
  view.report({ type: 'note', id: 'cluster', text: 'waiting because Azure is throttling requests' })
  screen.stream.write('something else\n')
  assert.equal(
    screen.text(),
    `
something else
  ⠋ Inspecting 2 resources… 1 done
                          waiting because Azure is throttling requests`.slice(1),
  )
  view.report({ type: 'inspected', id: 'cluster' })
  assert.equal(screen.text(), 'something else')
  view.report({ type: 'checking' })
  view.report({ type: 'checked', result: checkResult('WI701', 'cluster', 'pass') })
  view.report({ type: 'checked', result: checkResult('WI107', 'issuer', 'fail') })
  screen.stream.write('\n')
  assert.equal(screen.text(), 'something else\n\n  ⠋ checks                1 passed, 1 failed')
  view.stop()
  assert.equal(screen.text(), 'something else')
})

test('each line fits a narrow terminal', (t) => {
  const screen = makeTestTerminal(40)
  const view = makeLiveView(screen.stream, { ...terminalStyle, columns: 40, unicode: false, now: () => 0 })
  t.after(view.stop)
  begin(view)
  view.report(done)
  assert.equal(
    screen.text(),
    `
  + vault  kv-shop-7f3a          11.4 s
  - cluster  aks-shop               0 s
  - access  to secrets of kv-sh...  0 s
    waiting for Azure to replicate the
    new identity (up to 4 min)`.slice(1),
  )
  view.stop()
})

test('control characters in names never reach the terminal', (t) => {
  const screen = makeTestTerminal()
  const view = makeLiveView(screen.stream, { ...terminalStyle, now: () => 0 })
  t.after(view.stop)
  view.report({ ...done, label: 'kv\u001b[2J\u001b]0;title\u0007\r\nshop\u202e' })
  for (const bad of ['[2J', '\u0007', '\r', '\u202e']) assert.ok(!screen.raw().includes(bad))
  assert.match(screen.text(), /kv shop {3,}11\.4 s/)
  view.stop()
})

test('without a terminal, each event is one line', () => {
  let out = ''
  const view = makePlainView({ write: (text) => (out += text) }, terminalStyle)
  view.report({ type: 'inspecting', steps: 14 })
  view.report({ type: 'inspected', id: 'vault' })
  begin(view)
  view.report({
    type: 'note',
    id: 'vault-access',
    text: 'waiting for Azure to replicate the new identity (up to 4 min)',
  })
  view.report(done)
  view.report({ type: 'failed', id: 'vault', title: 'vault', label: 'kv', error: refused, ms: 200 })
  view.report({ type: 'checking', scope: 'caller' })
  view.report({ type: 'checking', scope: 'selected' })
  view.report({ type: 'checking' })
  view.report({ type: 'checked', result: checkResult('WI701', 'cluster', 'pass') })
  view.report({
    type: 'checked',
    result: checkResult('WI107', 'issuer', 'fail', { detail: 'it is\u001b[31m off' }),
  })
  assert.equal(
    out,
    `
inspect  14 resources
start    cluster aks-shop (usually about 4 min)
start    access to secrets of kv-shop-7f3a
note     vault-access: waiting for Azure to replicate the new identity (up to 4 min)
done     vault kv-shop-7f3a (11.4 s)
failed   vault kv: The vault name is already in use (0.2 s)
check    the requirements of a set-up
check    the selected checks
check    the chain from cluster to secret
pass     WI701  title of WI701
fail     WI107  title of WI107: it is off
`.slice(1),
  )
})
