import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { newEnvironment } from '../support/environment.ts'
import { noTerminal, terminal } from '../support/terminal.ts'

test('on a terminal, the settings file is used only after consent, and the default is no', {
  skip: noTerminal,
}, async () => {
  const environment = newEnvironment()
  after(() => environment.close())
  const image = 'registry.example/evil:1'
  writeFileSync(join(environment.cwd, 'wi-setup.yaml'), `sandbox: true\nsampleImage: ${image}\nquiet: true\n`)
  const store = join(environment.root, 'home/.config/wi-setup/trusted.json')
  const run = async (...keys: string[]) => {
    const screen = terminal(environment, ['plan', '--pace', '0', '--yes'])
    try {
      const text = await screen.shows(/Do you trust this|exit \d/)
      if (keys.length) screen.press(...keys)
      return { text, code: await screen.exits() }
    } finally {
      screen.close()
    }
  }
  const asked = await run('Enter')
  assert.match(
    asked.text,
    /wi-setup\.yaml:2 {2}sampleImage: registry\.example\/evil:1\n +wi-setup would run this image in the cluster/,
  )
  assert.equal(asked.code, 2)
  assert.equal(existsSync(store), false)
  assert.deepEqual(environment.journal(), [], 'nothing was sent')
  assert.equal((await run('y', 'Enter')).code, 0)
  assert.ok(existsSync(store))
  const again = await run()
  assert.doesNotMatch(again.text, /Do you trust/)
  assert.equal(again.code, 0)
})
