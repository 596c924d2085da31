import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { commands } from '../../../src/commands/index.ts'
import { generalOptions } from '../../../src/settings/general.ts'
import { settingsTable } from '../../../src/settings/table.ts'
import { type InProcessEnvironment, newInProcessEnvironment } from '../../support/in-process.ts'

let environment: InProcessEnvironment
let attacker: Server
let address: string
let connections = 0
const path = (name: string) => join(environment.root, name)
const folder = () => path('clone')
const programsRun = () =>
  existsSync(path('ran')) ? readFileSync(path('ran'), 'utf8').trim().split('\n') : []

before(async () => {
  environment = await newInProcessEnvironment()
  attacker = createServer((socket) => {
    connections += 1
    socket.destroy()
  })
  await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve))
  address = `127.0.0.1:${(attacker.address() as { port: number }).port}`
  mkdirSync(path('bin'))
  for (const name of ['az', 'azd', 'helm', 'kubelogin', 'pwsh', 'plugin'])
    writeFileSync(path(`bin/${name}`), `#!/bin/sh\necho ${name} "$*" >> ${path('ran')}\nexit 1\n`, {
      mode: 0o755,
    })
})
after(async () => {
  attacker.close()
  await environment.close()
})

/** Writes the repository that the user has cloned. */
function writeClone(settings: Readonly<Record<string, string>>): void {
  rmSync(folder(), { recursive: true, force: true })
  mkdirSync(join(folder(), 'chart'), { recursive: true })
  writeFileSync(join(folder(), 'chart/Chart.yaml'), 'apiVersion: v2\nname: evil\nversion: 1.0.0\n')
  writeKubeconfig('')
  const text = Object.entries(settings).map(([name, value]) => `${name}: ${value}\n`)
  writeFileSync(join(folder(), 'wi-setup.yaml'), text.join(''))
}

const writeKubeconfig = (comment: string) =>
  writeFileSync(
    join(folder(), 'kc.yaml'),
    `${comment}
apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: "https://${address}" } }]
users:
- name: u
  user:
    exec: { apiVersion: client.authentication.k8s.io/v1, command: ${path('bin/plugin')}, interactiveMode: Never }
contexts: [{ name: c, context: { cluster: c, user: u } }]
current-context: c
`,
  )

const workload = { resourceGroup: 'rg-demo', vault: 'kv-demo-x', namespace: 'shop' }
const job = { resourceGroup: 'rg-demo', vault: 'kv-demo-x' }
const aks = { ...workload, cluster: 'aks-demo', webhook: 'helm' }
/** What a stranger's file can hold, with the other settings that make it matter. */
const attacks = (): [name: string, value: string, others: Readonly<Record<string, string>>][] => [
  ['cloud', `https://${address}`, { ...aks, subscription: 'Prod' }],
  ['cloud', `https://management.azure.com@${address}`, { ...aks, subscription: 'Prod' }],
  ['kubeconfig', './kc.yaml', { ...workload, sandbox: 'true' }],
  ['kubeconfig', '../clone/kc.yaml', { ...workload, context: 'c', sandbox: 'true' }],
  ['chart', `https://${address}/charts/webhook`, { ...aks, sandbox: 'true' }],
  ['chart', `oci://${address}/webhook`, { ...aks, sandbox: 'true' }],
  ['chart', './chart', { ...aks, sandbox: 'true' }],
  ['chartVersion', '0.0.1', { ...aks, sandbox: 'true' }],
  ['issuer', `https://${address}`, { ...job, subject: 'evil', sandbox: 'true' }],
  ['sampleImage', `${address}/evil:1`, { ...aks, sandbox: 'true' }],
]

/** Arguments that make each command do as much as it can without a terminal. */
const arguments_: Readonly<Record<string, readonly string[][]>> = {
  '': [['--yes'], ['--dry-run'], ['--explain-settings']],
  verify: [[], ['--pre'], ['--in-cluster', '--posture', '--workloads'], ['--wait', '1ms'], ['-f', 'chart']],
  destroy: [['--yes', '--purge', '--skip-unreachable'], ['--dry-run']],
  sample: [['--yes', '--port', '0']],
  permissions: [['--user', 'me']],
  explain: [['WI104']],
  trust: [['--dry-run'], ['--list']],
  'sandbox start': [['--dry-run']],
  'sandbox reset': [['--dry-run']],
}

const run = (args: readonly string[], env: Record<string, string> = {}) =>
  environment.run(['--pace', '0', ...args].slice(args[0] === 'explain' ? 2 : 0), {
    cwd: folder(),
    env: {
      PATH: `${path('bin')}:${process.env.PATH}`,
      AZURE_TENANT_ID: '11111111-2222-4333-8444-555555555555',
      AZURE_CLIENT_ID: '6d1e0000-0000-4000-8000-000000000000',
      AZURE_CLIENT_SECRET: 'the client secret',
      ...env,
    },
  })

test('no command contacts, executes or deploys what only a settings file names', async () => {
  const cwd = process.cwd()
  let combinations = 0
  let refusals = 0
  for (const [name, value, others] of attacks())
    for (const { name: command } of commands)
      for (const flags of arguments_[command] ?? [
        command === 'plan' || command.includes(' ') ? [] : ['--yes'],
      ]) {
        writeClone({ ...others, [name]: JSON.stringify(value) })
        process.chdir(folder())
        const requests = environment.sandbox.journal.length
        const label = `${command} ${flags.join(' ')} with ${name}: ${value}`
        const { code, stdout, stderr } = await run([...command.split(' ').filter(Boolean), ...flags])
        process.chdir(cwd)
        combinations += 1
        assert.equal(connections, 0, `${label} connected to the attacker\n${stderr}`)
        const bad = programsRun().filter(
          (each) => each.startsWith('plugin') || name === 'cloud' || each.includes(value),
        )
        assert.deepEqual(bad, [], `${label} ran a program\n${stderr}`)
        if (!/Can't ask for consent/.test(stderr)) {
          rmSync(path('ran'), { force: true })
          continue
        }
        refusals += 1
        assert.deepEqual(programsRun(), [], label)
        assert.equal(environment.sandbox.journal.length, requests, `${label} sent requests`)
        assert.deepEqual([code, stdout], [2, ''], label)
        assert.match(
          stderr,
          new RegExp(
            `wi-setup\\.yaml:${Object.keys(others).includes(name) ? 1 : Object.keys(others).length + 1}  ${name}: `,
          ),
        )
        assert.ok(stderr.includes(value), label)
      }
  console.log(`${combinations} combinations, ${refusals} refused before any request`)
  assert.ok(combinations >= 200, String(combinations))
  assert.ok(refusals >= 70, String(refusals))
})

test('what the user passes by flag or variable is used, and trust is by content', async () => {
  const cwd = process.cwd()
  writeClone({ ...workload, sandbox: 'true', kubeconfig: './kc.yaml' })
  process.chdir(folder())
  try {
    const ran = async (args: readonly string[], env?: Record<string, string>) => {
      rmSync(path('ran'), { force: true })
      const { code } = await run(args, env)
      return [code, programsRun().some((each) => each.startsWith('plugin'))]
    }
    assert.deepEqual(await ran(['verify']), [2, false])
    assert.deepEqual(await ran(['verify', '--kubeconfig', './kc.yaml']), [1, true], 'by flag')
    assert.deepEqual(await ran(['verify'], { WI_SETUP_KUBECONFIG: './kc.yaml' }), [1, true], 'by variable')
    assert.deepEqual(await ran(['trust', '--dry-run']), [0, false])
    assert.deepEqual(await ran(['verify']), [2, false], 'a dry run trusts nothing')

    assert.deepEqual(await ran(['trust']), [0, false])
    assert.deepEqual(await ran(['verify']), [1, true], 'trusted')
    assert.deepEqual(
      await ran(['verify', '--file', join(folder(), 'wi-setup.yaml')]),
      [1, true],
      'the same file',
    )
    const store = path('.config/wi-setup/trusted.json')
    assert.equal(statSync(store).mode & 0o777, 0o600)

    writeKubeconfig('# changed')
    assert.deepEqual(await ran(['verify']), [2, false], 'the kubeconfig has changed')
    assert.match(
      (await run(['trust', '--list'])).stdout,
      /wi-setup\.yaml\n {2}kubeconfig; trusted on [\d-]+; changed since\n/,
    )
    writeKubeconfig('')
    assert.deepEqual(await ran(['verify']), [1, true], 'as trusted')

    const copy = path('other')
    mkdirSync(copy)
    for (const name of ['wi-setup.yaml', 'kc.yaml'])
      writeFileSync(join(copy, name), readFileSync(join(folder(), name)))
    const { code } = await environment.run(['verify'], { cwd: copy })
    assert.equal(code, 2, 'another folder is not trusted')

    assert.deepEqual(await ran(['trust', '--revoke']), [0, false])
    assert.deepEqual(await ran(['verify']), [2, false], 'revoked')
    assert.match((await run(['trust', '--revoke'])).stderr, /is not trusted/)
    writeFileSync(store, '{')
    assert.match((await run(['verify'])).stderr, /trusted\.json is damaged/)
    rmSync(store)
  } finally {
    process.chdir(cwd)
  }
})

test('what a set-up saves after the user passed it is trusted, and nothing else in the file', async () => {
  rmSync(folder(), { recursive: true, force: true })
  mkdirSync(folder())
  const saved = join(folder(), 'wi-setup.yaml')
  const setUp = await run(['--sandbox', '--yes', '--sample-image', 'node:22-alpine'])
  assert.equal(setUp.code, 0, setUp.stderr)
  assert.match(readFileSync(saved, 'utf8'), /sampleImage: node:22-alpine/)
  assert.equal((await run(['plan'])).code, 0)
  writeFileSync(saved, readFileSync(saved, 'utf8').replace('node:22-alpine', 'node:22-evil'))
  const changed = await run(['plan'])
  assert.equal(changed.code, 2)
  assert.match(changed.stderr, /sampleImage: node:22-evil/)
  // A command that doesn't use the chart saves the file, but nobody has agreed to the chart.
  writeFileSync(
    saved,
    `${readFileSync(saved, 'utf8').replace('node:22-evil', 'node:22-alpine')}chart: ./chart\nwebhook: helm\n`.replace(
      /webhook: auto\n|chart: https.*\n/g,
      '',
    ),
  )
  assert.equal((await run(['vault', '--yes', '--secret', 'another'])).code, 0)
  assert.match((await run(['webhook', '--yes'])).stderr, /Can't ask for consent[\s\S]*chart: \.\/chart/)
})

test('every setting and every option of the file is classified', () => {
  const sensitive = settingsTable.filter(({ trust }) => trust !== 'names').map(({ name }) => name)
  assert.deepEqual(sensitive, [
    'kubeconfig',
    'issuer',
    'issuerHost',
    'project',
    'ownerId',
    'projectId',
    'subject',
    'matching',
    'chart',
    'chartVersion',
    'sampleImage',
  ])
  const inFile = Object.entries(generalOptions).filter(([, option]) => 'inFile' in option)
  for (const [name, option] of inFile) assert.ok('trust' in option, name)
  assert.deepEqual(
    inFile.filter(([, option]) => 'trust' in option && option.trust !== 'names').map(([name]) => name),
    ['cloud'],
  )
})
