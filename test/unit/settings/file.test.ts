import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { UsageError } from '../../../src/base/usage-error.ts'
import { readSettingsFile } from '../../../src/session/saved-settings.ts'
import { parseSavedSettings } from '../../../src/settings/file.ts'
import { settingsTable } from '../../../src/settings/table.ts'

/** Returns the error's message; throws if the text is accepted, or if reading it takes long. */
function faultOf(read: () => unknown): string {
  const started = performance.now()
  try {
    read()
  } catch (error) {
    assert.ok(error instanceof UsageError, String((error as Error).stack))
    const ms = performance.now() - started
    assert.ok(ms < 5000, `took ${ms} ms`)
    return error.message
  }
  throw new Error('accepted')
}

const lines = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index)).join('\n')

const hostile: Record<string, [text: string, fault: RegExp]> = {
  'a self-referring anchor': ['a: &a\n  b: *a\n', /:1:1 {2}unknown setting "a"/],
  'a self-referring value': ['vault: &x [*x]\n', /:1:11 {2}vault: must be text, not a list or a mapping/],
  'an alias': ['vault: &v kv-a\nsecret: *v\n', /:2:9 {2}secret: must be text, not an alias/],
  'billion laughs': [
    `a0: &a0 [x,x,x]\n${lines(9, (index) => `a${index + 1}: &a${index + 1} [${`*a${index},`.repeat(9)}]`)}`,
    /unknown setting "a0"/,
  ],
  'deep flow nesting': [`vault: ${'['.repeat(32_000)}`, /nested/],
  'deep block nesting': [lines(200, (index) => `${' '.repeat(index)}a:`), /nested/],
  'many keys': [lines(4000, (index) => `k${index}: v`), /more than 200 settings/],
  'a duplicate key': ['vault: a\nvault: b\n', /:2:1 {2}the setting occurs twice/],
  'two documents': ['vault: a\n---\nvault: b\n', /:2:1 {2}a second YAML document/],
  'an open quote': ["vault: 'abc\n", /a character is missing/],
}

for (const [name, [text, fault]] of Object.entries(hostile))
  test(`the settings file is rejected: ${name}`, () => {
    assert.match(
      faultOf(() => parseSavedSettings(text, 'wi-setup.yaml')),
      fault,
    )
  })

const root = mkdtempSync(join(tmpdir(), 'wi-file-'))
after(() => rmSync(root, { recursive: true, force: true }))
const read = () => readSettingsFile({ cwd: root, env: {} }, {}, { read: true, mustExist: false })
const file = join(root, 'wi-setup.yaml')

const secret = 'c3VwZXJzZWNyZXQ'
const otherFiles = [
  `-----BEGIN OPENSSH PRIVATE KEY-----\n${secret}\n-----END OPENSSH PRIVATE KEY-----\n`,
  `root:$6$${secret}:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n`,
  `${secret}\n`,
  `"${secret}": x\n`,
  `${secret}: &a\n  ${secret}: *${secret}\n`,
  `*${secret}\n`,
  `password: *${secret}\n`,
  `!${secret} x\n`,
  `token: !<tag:${secret}> x\n`,
  `AWS_SECRET=${secret}\n`,
  `export TOKEN="${secret}: x"\n`,
  `[default]\naws_secret_access_key = ${secret}\n`,
  `machine example.com login me password ${secret}\n`,
  `{"auths":{"registry":{"auth":"${secret}"}}}`,
  `users:\n- name: me\n  user: {token: ${secret}}\n`,
  `%${secret} x\n`,
  `? ${secret}\n: ${secret}\n: ${secret}\n`,
  `password: ${secret}\n`,
  `@${secret}\n`,
  `\`${secret}\n`,
]

test('nothing of another file is quoted', () => {
  writeFileSync(join(root, 'secrets'), '')
  symlinkSync('secrets', file)
  for (const text of otherFiles) {
    writeFileSync(file, text)
    const message = faultOf(read)
    // A key that looks like the name of a setting is quoted, so that a typing error is found.
    if (!text.startsWith(`${secret}: `) && !text.startsWith(`"${secret}`) && !text.startsWith('? '))
      assert.ok(!message.includes(secret), message)
  }
  rmSync(file)
})

test('a fuzzed file is read or rejected with one error, which quotes no unknown text', () => {
  const names = settingsTable.map(({ name }) => name as string)
  const piece = fc.oneof(
    fc.constantFrom(
      ...names,
      ': ',
      '\n',
      '  ',
      '- ',
      '&a ',
      '*a',
      '!t ',
      '[',
      ']',
      '{',
      '}',
      '? ',
      '|',
      '>',
      '"',
    ),
    fc.constantFrom(
      "'",
      '#',
      '---',
      '...',
      '%',
      '@',
      '`',
      '\t',
      '<<',
      ',',
      'xSECRETx.',
      '\u0000',
      '\ud800',
      '🦊',
    ),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('')
      try {
        parseSavedSettings(text, 'f')
      } catch (error) {
        assert.ok(error instanceof UsageError, String((error as Error).stack))
        for (const line of error.message.split('\n'))
          if (!names.some((name) => line.includes(`  ${name}: must be`)))
            assert.ok(!line.includes('xSECRETx.'), line)
      }
    }),
    { numRuns: 3000 },
  )
})

test('a large file, a folder and a named pipe are rejected at once', () => {
  for (const size of [32 * 1024 + 1, 50_000_000]) {
    writeFileSync(file, 'a'.repeat(size))
    assert.match(faultOf(read), /The settings file wi-setup\.yaml is larger than 32 KB/)
  }
  rmSync(file)
  mkdirSync(file)
  assert.match(faultOf(read), /is not a regular file|can't be read: E/)
  rmSync(file, { recursive: true })
})

test('a named pipe does not block', { skip: process.platform === 'win32' }, () => {
  execFileSync('mkfifo', [file])
  assert.match(faultOf(read), /is not a regular file/)
  rmSync(file)
})

test('an unreadable file names the reason', {
  skip: process.getuid?.() === 0 && 'root can read all files',
}, () => {
  writeFileSync(file, '', { mode: 0 })
  assert.match(faultOf(read), /can't be read: EACCES/)
  rmSync(file)
})
