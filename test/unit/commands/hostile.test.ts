import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { stripControlCharacters } from '../../../src/base/control-characters.ts'
import { quoted } from '../../../src/base/shell.ts'
import { UsageError } from '../../../src/base/usage-error.ts'
import { planRemoval } from '../../../src/engine/plan-removal.ts'
import { explain } from '../../../src/explain/index.ts'
import { parseSavedSettings, updateSavedSettings } from '../../../src/settings/file.ts'
import { resolveSettings } from '../../../src/settings/resolve.ts'
import { settingsTable } from '../../../src/settings/table.ts'
import { failureText, usageText } from '../../../src/ui/error-text.ts'
import { jsonDocument } from '../../../src/ui/json.ts'
import { makePlainView } from '../../../src/ui/plain-view.ts'
import { planHeading, planText } from '../../../src/ui/plan-text.ts'
import { sanitizeLine, width } from '../../../src/ui/text.ts'
import { annotate, makeApplication } from '../../support/external-changes.ts'
import { newSandbox } from '../../support/sandbox.ts'
import { newTestRun } from '../../support/test-run.ts'

const evil = [
  '\u001b[2J\u001b]0;owned\u0007gone',
  '\u009b31mred',
  'right\u202eleft\u2066inner\u2069',
  'two\nlines\r\nthree',
  "'; rm -rf / #",
  '$(touch pwned) `id` "quoted" \\',
  '-rf',
  '\u{e0041}tag\u00adsoft\ufff9',
  '日本語'.repeat(60),
  'x'.repeat(10_000),
  '__proto__',
]
const hostile = fc.oneof(
  fc.constantFrom(...evil),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
)
const options = { seed: 5, numRuns: 100 }
const look = { columns: 80, color: false, unicode: true }

/** Fails for characters that could move the cursor or reorder text, and for lines wider than the terminal. */
function fits(text: string): void {
  assert.doesNotMatch(text, /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
  // A token that is wider than the terminal overflows; it is not broken.
  for (const line of text.split('\n')) {
    const withoutToken = line.slice(0, Math.max(0, line.lastIndexOf(' ')))
    assert.ok(width(line) <= 80 || width(withoutToken) <= 80, `${width(line)}: ${line.slice(0, 200)}`)
  }
}

test('a quoted value comes out of a shell unchanged', () => {
  const words = fc.array(
    hostile.map((text) => text.replaceAll('\0', '').toWellFormed().replace(/\n+$/, '')),
    { minLength: 1, maxLength: 5 },
  )
  fc.assert(
    fc.property(words, (all) => {
      for (const shell of ['sh', 'bash']) {
        const out = execFileSync(
          shell,
          [
            '-c',
            `printf '%s\\0' ${all.map((word) => quoted(word, { shell: 'posix', unicode: true })).join(' ')}`,
          ],
          {
            encoding: 'utf8',
          },
        )
        assert.deepEqual(out.split('\0').slice(0, -1), all)
      }
    }),
    { ...options, numRuns: 40 },
  )
})

test('untrusted text has no control characters after sanitizing, and sanitizing is idempotent', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const once = stripControlCharacters(text)
      assert.doesNotMatch(once, /(?![\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
      assert.equal(stripControlCharacters(once), once)
      assert.ok(!sanitizeLine(text).includes('\n'))
    }),
    options,
  )
})

test('a setting from flag, variable or file is taken unchanged or rejected by name', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...settingsTable.filter(({ kind }) => kind === 'text')),
      hostile,
      ({ name }, text) => {
        for (const from of ['flag', 'variable', 'file'] as const)
          try {
            const known = resolveSettings({
              flags: from === 'flag' ? { [name]: text } : {},
              env:
                from === 'variable'
                  ? { [`WI_SETUP_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`]: text }
                  : {},
              file: from === 'file' ? { [name]: text } : {},
              filePath: 'wi-setup.yaml',
            })
            const taken = known[name]?.value
            if (taken !== undefined) {
              assert.equal(taken, text.trim())
              // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters
              assert.doesNotMatch(String(taken), /[\u0000-\u001f\u007f]/)
            }
          } catch (error) {
            assert.ok(error instanceof UsageError, String(error))
            const shown = usageText(error.message, { columns: 80, commands: error.commands })
            assert.ok(shown.length < 1000, shown)
            assert.doesNotMatch(shown, /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
          }
      },
    ),
    { ...options, numRuns: 300 },
  )
})

test('a value survives the settings file unchanged, and no key of a file changes anything else', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const saved = updateSavedSettings('', { chart: text.toWellFormed() }, {})
      assert.equal(parseSavedSettings(saved, 'f').settings.chart, text.toWellFormed())
    }),
    options,
  )
  for (const file of [
    '__proto__: { polluted: 1 }',
    'constructor: x',
    '"vault\\u001b[2J": x',
    'a: &x [1]\nvault: *x',
    '<<: { vault: x }',
    'vault: &a\n  <<: *a',
    '? [vault]\n: x',
  ])
    assert.throws(
      () => parseSavedSettings(file, 'wi-setup.yaml'),
      (error) => {
        assert.ok(error instanceof UsageError)
        fits(usageText(error.message, { columns: 80, commands: error.commands }))
        return true
      },
      file,
    )
  assert.equal(({} as { polluted?: number }).polluted, undefined)
})

test('names of Object.prototype members are valid names', async () => {
  const name = 'constructor'
  const job = await newTestRun({
    vault: name,
    secret: name,
    namespace: name,
    serviceAccount: name,
    resourceGroup: name,
    cluster: name,
    identity: name,
  })
  await job.apply()
  assert.deepEqual(await job.failedCodes(), [])
})

test('values from services are sanitized on the screen and unchanged in the JSON document', async () => {
  let answers = ''
  const sandbox = await newSandbox({
    intercept: async (call, act) => {
      if (answers && call.method === 'PUT' && call.service === 'arm')
        return {
          status: 400,
          body: { error: { code: answers, message: answers } },
          headers: { 'x-ms-request-id': 'a\u0080b' },
        }
      return act()
    },
  })
  try {
    const job = await newTestRun({}, { sandbox })
    await job.apply()
    await makeApplication(sandbox, evil[0]!)
    for (const text of evil.slice(0, 9)) {
      await annotate(sandbox, 'shop', 'checkout', { 'azure.workload.identity/client-id': text })
      const plan = await job.plan()
      fits(planText(plan, { heading: planHeading(job.settings), look }))
      const printed = JSON.stringify(
        jsonDocument({ command: 'plan', ok: true, settings: job.settings, plan }),
      )
      assert.equal(
        JSON.parse(printed).steps.find(({ id }: { id: string }) => id === 'service-account').changes[0].is,
        text,
      )
      assert.ok(!printed.includes('\n') && !printed.includes('\u001b'))
    }
    const kube = job.clients.kubernetes({ kind: 'aks', group: 'rg-shop', cluster: 'aks-shop' })
    await assert.rejects(
      kube.proxyGet('shop', 'vault-reader:80', '../../../secrets'),
      /is outside the service/,
    )
    const vault = await job.clients.vaults.get('rg-shop', 'kv-shop')
    job.state.vaults['kv-shop']!.secrets.evil = {
      ...structuredClone(job.state.vaults['kv-shop']!.secrets['db-password']!),
      name: evil[0]!,
    }
    assert.ok(vault)
    fits(
      planText(await planRemoval(job.steps, job.run, { purge: false, skipUnreachable: false }), {
        heading: 'x',
        look,
      }),
    )
    const fresh = await newTestRun(
      { resourceGroup: 'rg-other', vault: 'kv-other', cluster: 'aks-other' },
      { sandbox },
    )
    for (const text of evil.slice(0, 10)) {
      answers = text
      const error = await fresh.apply().then(
        () => undefined,
        (thrown) => thrown as Error,
      )
      assert.ok(error)
      fits(failureText(explain(error), look))
      const lines: string[] = []
      makePlainView({ write: (line: string) => lines.push(line) }, look).report({
        type: 'failed',
        id: 'x',
        title: text,
        label: text,
        error,
        ms: 1,
      })
      assert.equal(lines.length, 1)
      assert.doesNotMatch(lines[0]!.slice(0, -1), /[\p{Cc}\p{Cf}]/u)
      JSON.parse(
        JSON.stringify(jsonDocument({ command: 'setup', ok: false, settings: {}, error: explain(error) })),
      )
    }
  } finally {
    await sandbox.close()
  }
})

test('no spelling of a path leaves the service behind the API server proxy', async () => {
  const job = await newTestRun()
  await job.apply()
  const kube = job.clients.kubernetes({ kind: 'aks', group: 'rg-shop', cluster: 'aks-shop' })
  const before = job.sandbox.journal.length
  for (const path of [
    '../../../secrets',
    '..',
    'a/../../x',
    '%2e%2e/%2e%2e/secrets',
    '.%2e/x',
    '..\\..\\..\\secrets',
    '\\..\\x',
    '/../x',
  ])
    await assert.rejects(kube.proxyGet('shop', 'vault-reader:80', path), { code: 'BadRequest' }, path)
  assert.equal(job.sandbox.journal.length, before)
  assert.equal((await kube.proxyGet('shop', 'vault-reader:80', 'a/../healthz')).status, 200)
})
