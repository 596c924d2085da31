import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { readScreen, terminalPicture } from '../../../docs/terminal.ts'

test('a terminal screen is drawn with its columns, colours and escaped characters', () => {
  const lines = readScreen('\x1b[36m✓\x1b[39m group   <rg> & co\n\x1b[2mdim\nstill dim\x1b[0m bold? no')
  assert.deepEqual(
    lines.map((spans) => spans.map(({ column, text, dim }) => [column, text.trim(), dim])),
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
  const svg = terminalPicture(lines, { columns: 40, title: 't', description: 'd' })
  assert.match(svg, /&lt;rg&gt; &amp; co/)
  assert.ok(!svg.includes('\x1b'))
})

test('docs/picture.svg shows a complete run: steps, summary and proof', () => {
  const picture = readFileSync(new URL('../../../docs/picture.svg', import.meta.url), 'utf8')
  for (const text of ['federated credential', 'service account', 'Nothing is deleted', 'with its own token'])
    assert.ok(picture.includes(text), text)
})
