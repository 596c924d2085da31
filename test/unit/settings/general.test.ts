import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsageError } from '../../../src/base/usage-error.ts'
import { parseDuration } from '../../../src/settings/duration.ts'
import { type GeneralSources, generalNames, resolveGeneral } from '../../../src/settings/general.ts'

const command = { outputs: ['text', 'json'], general: generalNames } as const
const resolve = (sources: Partial<GeneralSources>) =>
  resolveGeneral({ flags: {}, env: {}, file: {}, filePath: 'wi-setup.yaml', ...sources }, command)

test('a flag outranks a variable, and a variable the file', () => {
  const [flags, env, file] = [{ output: 'text', pace: '1' }, { WI_SETUP_PACE: '2' }, { pace: 3 }]
  assert.equal(resolve({ flags, env, file }).pace, 1)
  assert.equal(resolve({ env, file }).pace, 2)
  assert.equal(resolve({ file }).pace, 3)
  assert.equal(resolve({}).pace, 0.05)
  assert.equal(resolve({ env: { WI_SETUP_PACE: '' } }).pace, 0.05, 'an empty variable is no value')
})

test('an error names the option, its value and the allowed values; all errors are reported together', () => {
  assert.throws(
    () =>
      resolve({
        flags: { output: 'junit' },
        env: { WI_SETUP_PACE: '11', WI_SETUP_SANDBOX: 'maybe', WI_SETUP_CLOUD: 'mars' },
        file: { timeout: 'soon' },
      }),
    (error) => {
      assert.ok(error instanceof UsageError)
      assert.deepEqual(error.message.split('\n'), [
        '--output "junit" is not one of text, json',
        'WI_SETUP_SANDBOX "maybe" must be true or false',
        'WI_SETUP_CLOUD "mars" is not a known cloud',
        '  one of public, usgov, china, or the https:// URL of a resource manager',
        'WI_SETUP_PACE "11" is not a number from 0 to 10',
        'wi-setup.yaml: timeout "soon" is not a duration',
        '  for example 90s, 5m or 1h',
      ])
      return true
    },
  )
})

test('an option that a command does not use is not checked', () => {
  const sources = { flags: {}, env: { WI_SETUP_PACE: 'slow' }, file: {}, filePath: '' }
  assert.equal(resolveGeneral(sources, { outputs: ['text'], general: ['output'] }).pace, 0.05)
})

test('sandbox and cloud exclude each other, but flags and variables outrank the file', () => {
  assert.equal(resolve({}).cloud, 'public')
  assert.deepEqual(cloudOf({ file: { sandbox: true } }), [true, undefined])
  assert.deepEqual(cloudOf({ file: { sandbox: true }, flags: { cloud: 'usgov' } }), [false, 'usgov'])
  assert.deepEqual(cloudOf({ file: { cloud: 'usgov' }, flags: { sandbox: true } }), [true, undefined])
  assert.deepEqual(cloudOf({ file: { sandbox: true }, env: { WI_SETUP_SANDBOX: 'false' } }), [
    false,
    'public',
  ])
  assert.throws(() => resolve({ flags: { sandbox: true, cloud: 'public' } }), /can't be combined/)
})

const cloudOf = (sources: Partial<GeneralSources>) => {
  const { sandbox, cloud } = resolve(sources)
  return [sandbox, cloud]
}

test('a duration is a number with a unit', () => {
  assert.deepEqual(['90s', '5m', '1.5h', '250ms', '5', 'soon', '-1s', '900000h'].map(parseDuration), [
    90_000,
    300_000,
    5_400_000,
    250,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
