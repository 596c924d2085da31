import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { FaultRule } from '../../sandbox/index.ts'
import { apply } from '../../src/engine/apply.ts'
import { explain } from '../../src/explain/index.ts'
import { jsonDocument } from '../../src/ui/json.ts'
import { filesIn } from '../support/environment.ts'
import { newSandbox } from '../support/sandbox.ts'
import { encodingsOf, tokenPattern } from '../support/secret-encodings.ts'
import { sharedKeys } from '../support/shared-keys.ts'
import { newTestRun } from '../support/test-run.ts'
import { type Law, lawResult } from './law.ts'

const rules: FaultRule[] = (['vault', 'login', 'arm', 'graph', 'kube'] as const).flatMap((role) =>
  (
    ['cut-before', 'cut-after', '429', '503', 'busy', 'expired-token', 'truncated', 'not-json'] as const
  ).flatMap((fault) => [1, 4].map((nth) => ({ fault, role, nth, times: nth === 1 ? 3 : 1e6 }))),
)

/**
 * Searches everything that a run prints, throws, traces, journals and writes to disk for the secret's value, in any
 * encoding, for access tokens and for the caller's credential.
 */
export const secrecy: Law = {
  name: '8    no secret and no token in any output, error, trace, journal or file',
  async *cases() {
    const none: (FaultRule | undefined)[] = [undefined]
    for (const rule of [...none, ...rules])
      yield await lawResult(rule ? `${rule.role}: ${rule.fault}` : 'no fault', async () => {
        const stateDir = mkdtempSync(join(tmpdir(), 'wi-canary-'))
        const sandbox = await newSandbox({ keys: await sharedKeys(), stateDir })
        const value = `k9-${randomBytes(24).toString('base64url')} "'<&%+/=\\ ü\n`
        const traced: unknown[] = []
        try {
          const job = await newTestRun({ sample: false }, { sandbox, secretValue: value })
          job.http.trace = (event) => traced.push(event)
          if (rule) sandbox.faults.add(rule)
          const outputs: unknown[] = []
          const record = (error: unknown) => outputs.push(printable(error), explain(error))
          const { run } = job
          run.polling.timeoutFactor = 0.002
          try {
            const plan = await job.plan()
            const applied = await apply(job.steps, plan, run)
            for (const { error } of applied) if (error) record(error)
            outputs.push(jsonDocument({ command: 'setup', ok: true, settings: job.settings, plan, applied }))
            outputs.push(await job.verify())
          } catch (error) {
            record(error)
          }
          outputs.push(job.events, traced, sandbox.journal)
          const texts = outputs.map((each) => [JSON.stringify(each), printable(each)].join('\n'))
          if (!rule)
            assert.equal(Object.values(sandbox.state.vaults)[0]!.secrets['db-password']!.versions.length, 1)
          for (const bytes of [
            ...texts.map((text) => Buffer.from(text)),
            ...filesIn(stateDir).map((file) => readFileSync(file)),
          ]) {
            for (const each of encodingsOf(value)) assert.ok(!bytes.includes(each), `the value: ${each}`)
            assert.doesNotMatch(bytes.toString('latin1'), tokenPattern)
          }
          for (const text of texts) assert.ok(!text.includes(sandbox.state.operator.clientSecret))
        } finally {
          await sandbox.close()
          rmSync(stateDir, { recursive: true, force: true })
        }
      })
  },
}

/** Returns everything that a program could print of it. */
const printable = (thing: unknown) =>
  inspect(thing, { depth: 12, showHidden: true, maxStringLength: null, maxArrayLength: null }) +
  (thing instanceof Error ? thing.stack : '')
