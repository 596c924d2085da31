import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServiceError } from '../../../src/clients/service-error.ts'
import { makeLiveView, type ProgressView } from '../../../src/ui/live-view.ts'
import { makePlainView } from '../../../src/ui/plain-view.ts'
import { checkResult, terminalStyle } from '../../support/examples.ts'
import { makeScreen } from '../../support/screen.ts'

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
    text: 'waiting until Azure has copied the new identity (up to 4 min)',
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

test('what is done stays, what runs stands below it with its time and what it waits for', (t) => {
  const screen = makeScreen()
  let now = 0
  const pretty = makeLiveView(screen.stream, { ...terminalStyle, now: () => now })
  t.after(pretty.stop)
  begin(pretty)
  now = 92_000
  pretty.report(done)
  assert.equal(
    screen.text(),
    `
  ✓ vault                 kv-shop-7f3a                                   11.4 s
  ⠋ cluster               aks-shop                    1:32, usually about 4 min
  ⠋ access                to secrets of kv-shop-7f3a                       1:32
                          waiting until Azure has copied the new identity (up
                          to 4 min)`.slice(1),
  )
  pretty.report({
    ...done,
    id: 'vault-access',
    title: 'access',
    label: 'to secrets of kv-shop-7f3a',
    ms: 95_000,
  })
  pretty.report({
    type: 'failed',
    id: 'cluster',
    title: 'cluster',
    label: 'aks-shop',
    error: refused,
    ms: 200,
  })
  pretty.stop()
  assert.equal(
    screen.text(),
    `
  ✓ vault                 kv-shop-7f3a                                   11.4 s
  ✓ access                to secrets of kv-shop-7f3a                       1:35
  ✗ cluster               aks-shop   VaultAlreadyExists                   0.2 s`.slice(1),
  )
})

test('looking and checking are one live line each that goes away', (t) => {
  const screen = makeScreen()
  const pretty = makeLiveView(screen.stream, { ...terminalStyle, now: () => 0 })
  t.after(pretty.stop)
  pretty.report({ type: 'inspecting' })
  assert.equal(screen.text(), '  ⠋ looking at what is there')
  pretty.report({ type: 'planned', plan: { items: [] } })
  assert.equal(screen.text(), '')
  pretty.report({ type: 'checking' })
  pretty.report({ type: 'checked', result: checkResult('WI701', 'cluster', 'pass') })
  pretty.report({ type: 'checked', result: checkResult('WI107', 'issuer', 'fail') })
  screen.stream.write('something else\n')
  assert.equal(screen.text(), 'something else\n  ⠋ checks                1 passed, 1 failed')
  pretty.stop()
  assert.equal(screen.text(), 'something else')
})

test('on a narrow terminal each line still fits', (t) => {
  const screen = makeScreen(40)
  const pretty = makeLiveView(screen.stream, { ...terminalStyle, columns: 40, unicode: false, now: () => 0 })
  t.after(pretty.stop)
  begin(pretty)
  pretty.report(done)
  assert.equal(
    screen.text(),
    `
  + vault  kv-shop-7f3a          11.4 s
  - cluster  aks-shop               0 s
  - access  to secrets of kv-sh...  0 s
    waiting until Azure has copied the
    new identity (up to 4 min)`.slice(1),
  )
  pretty.stop()
})

test('names from outside cannot move the cursor', (t) => {
  const screen = makeScreen()
  const pretty = makeLiveView(screen.stream, { ...terminalStyle, now: () => 0 })
  t.after(pretty.stop)
  pretty.report({ ...done, label: 'kv\u001b[2J\u001b]0;title\u0007\r\nshop\u202e' })
  for (const bad of ['[2J', '\u0007', '\r', '\u202e']) assert.ok(!screen.raw().includes(bad))
  assert.match(screen.text(), /kv shop {3,}11\.4 s/)
  pretty.stop()
})

test('without a terminal each event is one line, and nothing moves', () => {
  let out = ''
  const plain = makePlainView({ write: (text) => (out += text) }, terminalStyle)
  plain.report({ type: 'inspecting' })
  begin(plain)
  plain.report({
    type: 'note',
    id: 'vault-access',
    text: 'waiting until Azure has copied the new identity (up to 4 min)',
  })
  plain.report(done)
  plain.report({ type: 'failed', id: 'vault', title: 'vault', label: 'kv', error: refused, ms: 200 })
  plain.report({ type: 'checking', of: 'caller' })
  plain.report({ type: 'checking', of: 'part' })
  plain.report({ type: 'checking' })
  plain.report({ type: 'checked', result: checkResult('WI701', 'cluster', 'pass') })
  plain.report({
    type: 'checked',
    result: checkResult('WI107', 'issuer', 'fail', { detail: 'it is\u001b[31m off' }),
  })
  assert.equal(
    out,
    `
look     at what is there
start    cluster aks-shop (usually about 4 min)
start    access to secrets of kv-shop-7f3a
note     vault-access: waiting until Azure has copied the new identity (up to 4 min)
done     vault kv-shop-7f3a (11.4 s)
failed   vault kv: The vault name is already in use (0.2 s)
check    what a set-up needs
check    what was asked for
check    the whole chain
pass     WI701  title of WI701
fail     WI107  title of WI107: it is off
`.slice(1),
  )
})
