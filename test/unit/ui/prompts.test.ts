import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { Interrupted } from '../../../src/base/host.ts'
import { makePrompter } from '../../../src/ui/prompts.ts'
import { terminalStyle } from '../../support/examples.ts'
import { waitUntil } from '../../support/wait-until.ts'

function terminal() {
  const [input, output] = [new PassThrough(), new PassThrough()]
  let shown = ''
  output.on('data', (chunk) => {
    shown += stripVTControlCharacters(String(chunk))
  })
  const prompter = makePrompter({ input, output, ...terminalStyle })
  /** Types once the question is shown. */
  const type = async (keys: string) => {
    await waitUntil(() => shown, 'the question', { pollMs: 5 })
    for (const key of keys) input.write(key)
  }
  return { prompter, type, shown: () => shown }
}

test('a text is checked while it is typed', async () => {
  const { prompter, type, shown } = terminal()
  const answer = prompter.input({
    message: 'Vault',
    validate: (text) => (text.length > 2 ? true : 'too short'),
  })
  await type('kv\r')
  await waitUntil(() => shown().includes('too short'), 'the reason', { pollMs: 5 })
  await type('-1\r')
  assert.equal(await answer, 'kv-1')
})

test('a choice is listed with its description', async () => {
  const { prompter, type, shown } = terminal()
  const answer = prompter.select({
    message: 'Cluster',
    choices: [
      { value: 1, name: 'aks-shop', description: 'rg-shop, 1.34\u001b[2J' },
      { value: 2, name: 'aks-batch', description: 'rg-batch, 1.33' },
    ],
    default: 2,
  })
  await type('\r')
  assert.equal(await answer, 2)
  assert.match(shown(), /aks-shop {4}rg-shop, 1\.34\n/)
})

test('a secret is not shown', async () => {
  const { prompter, type, shown } = terminal()
  const answer = prompter.password({ message: 'Value' })
  await type('hunter2\r')
  assert.equal(await answer, 'hunter2')
  assert.doesNotMatch(shown(), /hunter2/)
})

test('consent is not given by pressing Enter', async () => {
  const { prompter, type, shown } = terminal()
  const answer = prompter.confirm({ message: 'Go ahead' })
  await type('\r')
  assert.equal(await answer, false)
  assert.match(shown(), /Go ahead \(?y\/N/)
})

test('Ctrl-C is an interruption', async () => {
  const { prompter, type } = terminal()
  const answer = prompter.input({ message: 'Vault' })
  await Promise.all([assert.rejects(answer, Interrupted), type('\u0003')])
})
