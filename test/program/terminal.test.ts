import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import {
  newEnvironment,
  type ProgramEnvironment,
  parseCommandLine,
  sandboxFlags,
} from '../support/environment.ts'
import { noTerminal, type Terminal, terminal } from '../support/terminal.ts'

const flags = ['--sandbox', '--pace', '0'] as const

describe('on a terminal', { skip: noTerminal ?? false }, () => {
  let environment: ProgramEnvironment
  let open: Terminal[]
  beforeEach(() => {
    environment = newEnvironment()
    open = []
  })
  afterEach(() => {
    for (const each of open) each.close()
    environment.close()
  })
  const start: (...args: [args: readonly string[], of?: Parameters<typeof terminal>[2]]) => Terminal = (
    args,
    of,
  ) => {
    const made = terminal(environment, args, of)
    open.push(made)
    return made
  }

  /** Answers questions in order; without a text the suggestion is accepted. */
  async function answerQuestions(
    to: Terminal,
    answers: readonly (readonly [question: RegExp, text?: string])[],
  ) {
    for (const [question, text] of answers) {
      await to.shows(new RegExp(`\\? ${question.source}`))
      if (text !== undefined) to.type(text)
      to.press('Enter')
    }
  }

  const newSetUp = [
    [/New resource group/, 'rg-shop'],
    [/Location/],
    [/New cluster/, 'aks-shop'],
    [/Namespace/, 'shop'],
    [/Service account/, 'checkout'],
    [/Identity/],
    [/New vault/, 'kv-wizard'],
    [/Secret/, 'db-password'],
    [/Secret value/, 'canary-value'],
  ] as const

  test('the wizard in an empty subscription asks, shows the plan, asks for consent once, and proves access', async () => {
    const run = start(flags)
    await run.shows(/Signed in/)
    await answerQuestions(run, newSetUp)
    const plan = await run.shows(/Apply this plan \(y\/N\)/)
    assert.match(plan, /14 to create\. Nothing is deleted\./)
    assert.equal(environment.savedSettings(), undefined)
    assert.equal(environment.writes(), 0)
    run.type('y')
    run.press('Enter')
    assert.equal(await run.exits(), 0)
    const all = run.history()
    assert.match(all, /✓ checkout read db-password from kv-wizard with its own token\.\s+\d\d checks passed/)
    assert.ok(!all.includes('canary-value'), 'the typed value is hidden')
    assert.match(environment.savedSettings() ?? '', /^vault: kv-wizard$/m)
    assert.match(environment.savedSettings() ?? '', /^serviceAccount: checkout$/m)
    assert.ok(!environment.savedSettings()?.includes('canary-value'))

    // A second run asks one question and changes nothing.
    const writes = environment.writes()
    const again = start(flags)
    await answerQuestions(again, [[/Continue with wi-setup\.yaml/]])
    assert.equal(await again.exits(), 0)
    assert.match(again.history(), /nothing was changed/)
    assert.equal(environment.writes(), writes)
  })

  test('the wizard offers the existing cluster, managed identity and vault for a second workload', async () => {
    const first = ['--cluster', 'aks-all', '--vault', 'kv-all', '--resource-group', 'rg-all', '-q']
    assert.equal(
      (
        await environment.run([...sandboxFlags, ...first, '--identity-kind', 'managed'], {
          cwd: environment.root,
        })
      ).code,
      0,
    )
    const run = start(flags)
    await run.shows(/aks-all +rg-all, 1\.\d+\.\d+, OIDC issuer on/)
    await answerQuestions(run, [[/Cluster/], [/Namespace/, 'other'], [/Service account/]])
    const identities = await run.shows(/\? Identity[\s\S]*exists/)
    assert.match(identities, /managed identity wi-vault-reader-vault-reader +exists/)
    run.press('Down', 'Down', 'Enter')
    await run.shows(/kv-all +rg-all, Azure RBAC/)
    await answerQuestions(run, [[/Vault/], [/Secret/], [/Secret value/]])
    const plan = await run.shows(/Apply this plan/)
    for (const title of [
      'resource group',
      'cluster',
      'managed identity',
      'webhook',
      'vault',
      'access',
      'secret',
    ])
      assert.match(plan, new RegExp(`keep +${title} `))
    for (const made of ['federated credential', 'namespace', 'service account'])
      assert.match(plan, new RegExp(`create +${made} `))
    run.type('y')
    run.press('Enter')
    assert.equal(await run.exits(), 0)
    assert.match(run.history(), /✓ vault-reader read demo-secret from kv-all with its own token/)
    assert.equal(Object.keys(environment.sandboxState().clusters).length, 1)
    assert.equal(Object.keys(environment.sandboxState().vaults).length, 1)
  })

  test('an invalid answer is rejected while it is typed', async () => {
    const run = start([
      ...flags,
      '--resource-group',
      'rg-shop',
      '--location',
      'westeurope',
      '--cluster',
      'aks-shop',
    ])
    await answerQuestions(run, [[/Namespace/, 'Shop_']])
    await run.shows(/is not a valid namespace name/)
    run.press('C-u')
    run.type('shop')
    run.press('Enter')
    await run.shows(/\? Service account/)
  })

  test('Ctrl-C at a question changes nothing', async () => {
    for (const after of [0, 1, 8, newSetUp.length]) {
      const run = start(flags)
      await answerQuestions(run, newSetUp.slice(0, after))
      await run.shows(
        after === newSetUp.length ? /Apply this plan/ : new RegExp(`\\? ${newSetUp[after]![0].source}`),
      )
      run.press('C-c')
      assert.equal(await run.exits(), 130)
      assert.match(run.history(), /Stopped\. Nothing was changed\./)
      assert.equal(environment.savedSettings(), undefined)
      assert.equal(environment.writes(), 0)
      run.close()
    }
  })

  test('answering No to the plan changes nothing', async () => {
    const run = start(flags)
    await answerQuestions(run, [...newSetUp, [/Apply this plan/]])
    assert.equal(await run.exits(), 1)
    assert.match(run.history(), /Nothing was changed\./)
    assert.equal(environment.savedSettings(), undefined)
    assert.equal(environment.writes(), 0)
  })

  test('a command for one part asks for consent only', async () => {
    const run = start(['cluster', ...flags])
    await run.shows(/3 to create[\s\S]*Apply this plan/)
    run.type('y')
    run.press('Enter')
    assert.equal(await run.exits(), 0)
    assert.match(run.history(), /✓ cluster +aks-demo .* s$/m)
  })

  test('Ctrl-C during a run prints what is done, what is in progress, and the command that continues', async () => {
    const command = ['--sandbox', '--yes', '--pace', '0.01']
    const run = start(command)
    await run.shows(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] cluster +aks-demo .*usually about 4 min/)
    await run.shows(/✓ app registration/)
    run.press('C-c')
    assert.equal(await run.exits(), 130)
    const last = run.history()
    assert.match(last, /Stopped\. Done: [\s\S]*app registration/)
    assert.match(last, /Azure may still be working on: [\s\S]*cluster aks-demo/)
    assert.doesNotMatch(last.slice(last.indexOf('Stopped')), /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/)
    const line = /To continue, run the same command again: +(npx wi-setup .*)$/m.exec(last)![1]!
    assert.deepEqual(parseCommandLine(line), command)
    const again = start(parseCommandLine(line))
    assert.equal(await again.exits(), 0)
    assert.match(again.history(), /✓ vault-reader read demo-secret/)
  })

  test('there are colours, except with NO_COLOR, --no-color or a dumb terminal', async () => {
    const coloured = async (args: readonly string[], env: Record<string, string> = {}) => {
      const run = start([...args, 'plan', ...flags], { env })
      assert.equal(await run.exits(), 0)
      const text = run.screen(true)
      run.close()
      return text.includes('\u001b[')
    }
    assert.equal(await coloured([]), true)
    assert.equal(await coloured([], { NO_COLOR: '1' }), false)
    assert.equal(await coloured(['--no-color']), false)
    assert.equal(await coloured([], { TERM: 'dumb' }), false)
  })

  test('in CI there are no prompts', async () => {
    const run = start(flags, { env: { CI: 'true' } })
    assert.equal(await run.exits(), 2)
    assert.match(run.history(), /Can't ask for confirmation: no terminal/)
  })

  test('in 40 columns only lines to copy are wider', async () => {
    const run = start(sandboxFlags, { columns: 40, rows: 120 })
    assert.equal(await run.exits(), 0)
    const lines = run.history().split('\n')
    const copied = /npx wi-setup|curl|localhost:8080|metadata:|spec:|^Plan for|^wi-setup {2}/
    assert.deepEqual(
      lines.filter((line) => line.length > 40 && !copied.test(line)),
      [],
    )
    const all = lines.join(' ').replace(/\s+/g, ' ')
    assert.match(
      all,
      /✓ vault-reader read demo-secret from kv-demo-\w+ with its own token\.\s+\d\d checks passed/,
    )
    assert.match(all, /14 to create\. Nothing is deleted\./)
    assert.equal(lines.filter((line) => /^ {2}✓ .* s$/.test(line)).length, 14)
  })

  test('an ASCII terminal gets only ASCII', async () => {
    const run = start(['plan', ...flags], { env: { LANG: 'C' } })
    assert.equal(await run.exits(), 0)
    assert.match(run.history(), /^[ -~\n]*$/)
  })
})
