import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { withReference } from '../../../docs/reference.ts'
import { readScreen, terminalPicture } from '../../../docs/terminal.ts'

const root = new URL('../../../', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, root), 'utf8')

test('the tables in README.md are those of the program (npm run reference)', () => {
  const readme = read('README.md')
  assert.equal(readme, withReference(readme))
})

test('README.md and CONTRIBUTING.md name no flag, file or script that is not there', () => {
  const readme = read('README.md')
  const both = readme + read('CONTRIBUTING.md')
  const source = ['src/settings/flags.ts', 'src/commands/index.ts', 'src/commands/sandbox.ts']
    .map(read)
    .join()
  const reference = readme.slice(readme.indexOf('<!-- settings -->'))
  for (const line of both.split('\n').filter((each) => /(npx |\/)wi-setup/.test(each)))
    for (const [flag] of line.split(/ > | \| |&&/)[0]!.matchAll(/(?<![\w-])--[a-z][a-z-]+/g))
      assert.ok(source.includes(flag) || reference.includes(`\`${flag}`), `${flag} in: ${line}`)
  const { scripts } = JSON.parse(read('package.json'))
  for (const [, script] of both.matchAll(/npm run ([\w:-]+)/g)) assert.ok(scripts[script!], script)
  for (const [, path] of both.matchAll(/`((?:src|test|docs|bin)\/[\w./-]*)`/g))
    assert.ok(existsSync(new URL(path!, root)) || /vault-address/.test(path!), path)
  for (const [, path] of both.matchAll(/\]\(([\w./-]+)\)/g)) assert.ok(existsSync(new URL(path!, root)), path)
})

test('a terminal is drawn with its columns, colours and signs', () => {
  const lines = readScreen('\x1b[36m✓\x1b[39m group   <rg> & co\n\x1b[2mdim\nstill dim\x1b[0m bold? no')
  assert.deepEqual(
    lines.map((pieces) => pieces.map(({ column, text, dim }) => [column, text.trim(), dim])),
    [
      [
        [0, '✓', false],
        [1, 'group', false],
        [10, '<rg> & co', false],
      ],
      [[0, 'dim', true]],
      [
        [0, 'still dim', true],
        [9, 'bold? no', false],
      ],
    ],
  )
  const svg = terminalPicture(lines, { columns: 40, title: 't', says: 's' })
  assert.match(svg, /&lt;rg&gt; &amp; co/)
  assert.ok(!svg.includes('\x1b'))
})

test('the picture is of this program: every step and the proof are in it', () => {
  const picture = read('docs/picture.svg')
  for (const text of ['federated credential', 'service account', 'Nothing is deleted', 'with its own token'])
    assert.ok(picture.includes(text), text)
})
