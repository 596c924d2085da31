import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripControlCharacters } from '../../../src/base/control-characters.ts'
import * as text from '../../../src/ui/text.ts'

const look = { columns: 80, color: false, unicode: true }

test('durations', () => {
  assert.deepEqual([200, 11_440, 59_949, 59_960, 92_000, 3_723_000].map(text.formatDuration), [
    '0.2 s',
    '11.4 s',
    '59.9 s',
    '1:00',
    '1:32',
    '1:02:03',
  ])
  assert.deepEqual([0, 6_900, 92_000].map(text.formatElapsed), ['0 s', '6 s', '1:32'])
})

test('width is the number of terminal columns', () => {
  assert.equal(text.width('abc'), 3)
  assert.equal(text.width('\u001b[31mabc\u001b[39m'), 3)
  assert.equal(text.width('日本'), 4)
  assert.equal(text.width('e\u0301'), 1)
  assert.equal(text.width('→…✓'), 3)
  assert.equal(text.truncate('日本語', 4, look), '日…')
  assert.equal(text.truncateMiddle('abcdefghij', 7, look), 'abc…hij')
})

test('wrapping breaks at spaces only; a long word overflows', () => {
  assert.deepEqual(text.wrap('one two three', 8), ['one two', 'three'])
  assert.deepEqual(text.wrap('abcdefghijkl mn', 8), ['abcdefghijkl', 'mn'])
  assert.deepEqual(text.wrap('a   b', 8), ['a   b'])
})

test('control characters are removed', () => {
  assert.equal(text.sanitizeLine('a\u001b[31mb\u001b]8;;http://x\u0007c\r\n  d\te\u200f'), 'abc d  e')
  assert.equal(stripControlCharacters('a\r\n  b\u0000'), 'a\n  b')
})

test('colors only if wanted', () => {
  assert.equal(text.paint('broken', 'x', look), 'x')
  assert.equal(text.paint('broken', 'x', { color: true }), '\u001b[31mx\u001b[39m')
})

test('a long command is split so that a shell joins it again', () => {
  const words = [
    ...['az', 'role', 'assignment', 'create', '--role', "'Key Vault Secrets User'"],
    ...['--assignee-object-id', 'bbbbbbbb-0000-4000-8000-000000000000', '--scope', '/s'],
  ]
  const lines = text.foldCommand(words, 61)
  assert.deepEqual(lines, [
    "az role assignment create --role 'Key Vault Secrets User' \\",
    '  --assignee-object-id bbbbbbbb-0000-4000-8000-000000000000 \\',
    '  --scope /s',
  ])
  assert.equal(lines.join('\n').replace(/ \\\n +/g, ' '), words.join(' '))
  assert.deepEqual(text.foldCommand(['wi-setup', 'verify'], 60), ['wi-setup verify'])
  const patch = ['kubectl', 'patch', 'x', '--patch', `'{"a": "b c"}'`, 'y'.repeat(50)]
  assert.equal(
    text
      .foldCommand(patch, 40)
      .join('\n')
      .replace(/ \\\n +/g, ' '),
    patch.join(' '),
    'not within quotes',
  )
})
