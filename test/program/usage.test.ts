import assert from 'node:assert/strict'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { commands } from '../../src/commands/index.ts'
import type { SettingName } from '../../src/settings/settings.ts'
import { flagOf, settingSpec, settingsTable, variableOf } from '../../src/settings/table.ts'
import {
  filesIn,
  newEnvironment,
  type ProgramEnvironment,
  parseCommandLine,
  sandboxFlags,
} from '../support/environment.ts'

let environment: ProgramEnvironment
beforeEach(() => {
  environment = newEnvironment()
})
afterEach(() => environment.close())

/** Runs a command that must exit with 2 before a sandbox is started, and returns its stderr. */
async function expectUsageError(
  args: readonly string[],
  options: { env?: Record<string, string>; input?: string } = {},
): Promise<string> {
  const before = filesIn(environment.root)
  const { code, stdout, stderr } = await environment.run(args, options)
  assert.equal(code, 2, stderr)
  assert.equal(stdout, '')
  assert.deepEqual(filesIn(environment.root), before, 'files were written')
  assert.deepEqual(readdirSync(join(environment.root, 'state')), [])
  assert.doesNotMatch(stderr, /^ +at /m)
  return stderr
}

const long = (length: number) => 'a'.repeat(length)

/** Invalid values of each setting, and the text that describes its rule. */
const invalidValues: Record<SettingName, [rule: RegExp, ...values: string[]]> = {
  subscription: [/is empty, too long or contains control characters/, '', 'a\u0007b', long(4097)],
  tenant: [/is not a valid tenant/, 'contoso com', 'a/b'],
  location: [/is not a valid region name[\s\S]*lowercase/, 'West Europe', 'west-europe'],
  resourceGroup: [/is not a valid resource group name[\s\S]*1 to 90/, 'rg.', 'rg shop', long(91)],
  cluster: [/is not a valid AKS cluster name[\s\S]*1 to 63/, 'aks.shop', '-aks', 'aks_', long(64)],
  clusterResourceGroup: [/is not a valid resource group name/, 'rg/platform'],
  clusterSubscription: [/is empty, too long or contains/, '', 'a\nb'],
  nodeSize: [/is not a valid VM size/, 'D2', 'Standard D2s'],
  nodeCount: [/is not a valid node count[\s\S]*1 to 1000/, '0', '1001', 'two', '1.5', '-1'],
  kubernetesVersion: [/is not a valid Kubernetes version/, 'latest', 'v1.34', '1.3', '2.34'],
  kubeconfig: [/is empty, too long or contains/, '', 'a\nb'],
  context: [/is empty, too long or contains/, '', 'a\u001b[31m'],
  issuer: [
    /is not an issuer\n[\s\S]*exactly like the iss/,
    'circleci',
    'http://oidc.example.com',
    'https://a?b=c',
  ],
  issuerHost: [/is not a host\n/, 'https://gitlab.example.com', 'GitLab.example.com', ''],
  project: [/is empty, too long or contains/, '', 'a\nb'],
  branch: [/is empty, too long or contains/, ''],
  tag: [/is empty, too long or contains/, ''],
  environment: [/is empty, too long or contains/, '', 'a\u0007b'],
  pullRequest: [/must be true or false/, 'maybe'],
  subjectForm: [/is not one of names, ids, both/, 'id'],
  ownerId: [/is not an ID\n/, 'acme', '0', ''],
  projectId: [/is not an ID\n/, 'acme/shop', '-1'],
  subject: [/is not a valid subject\n[\s\S]*1 to 600/, '', long(601)],
  matching: [/is not a claims expression\n/, "claims['sub'] like 'a'", "claims['sub']  eq 'a'"],
  identityKind: [/is not one of app, managed/, 'App', 'user'],
  identity: [
    /is not a valid identity\n[\s\S]*3 to 120/,
    'wi',
    '-wi-shop',
    'wi.shop',
    long(121),
    '/subscriptions/x/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-shop',
  ],
  identityResourceGroup: [/is not a valid resource group name/, 'rg.'],
  identitySubscription: [/is empty, too long or contains/, '', long(4097)],
  namespace: [/is not a valid namespace name[\s\S]*1 to 63/, 'Shop', 'a.b', '-shop', long(64)],
  serviceAccount: [
    /is not a valid service account name[\s\S]*1 to 253/,
    'Checkout',
    'a..b',
    'a_b',
    long(254),
  ],
  audience: [/is not a valid audience/, 'api://a b', 'api://ä', long(601)],
  os: [/is not one of linux, windows/, 'mac', 'Linux'],
  webhook: [/is not one of auto, addon, helm, none/, 'yes', 'Helm'],
  chart: [/is not a valid chart\n/, '', '-x', 'https://x/--post-renderer'],
  chartVersion: [/is not a valid chart version\n/, '', '1\t2', '--devel'],
  vault: [
    /is not a valid Key Vault name[\s\S]*3 to 24/,
    'kv',
    'kv_shop',
    '1kv',
    'kv--shop',
    'kv-shop-',
    long(25),
  ],
  vaultSubscription: [/is empty, too long or contains/, '', 'a\tb'],
  vaultResourceGroup: [/is not a valid resource group name/, 'rg.'],
  vaultAccess: [/is not one of rbac, policy/, 'acl', 'RBAC'],
  secret: [/is not a valid secret name[\s\S]*1 to 127/, 'db_password', 'db.password', '', long(128)],
  grants: [/is not a valid grant/, 'stshop', 'Storage:stshop', 'storage:st shop', 'Reader@stshop'],
  createStorage: [/must be true or false/, 'maybe'],
  sample: [/must be true or false/, 'maybe'],
  sampleImage: [/is empty, too long or contains/, ''],
}

/** Returns the error about one setting: its line and the lines that belong to it. */
const errorAbout = (stderr: string, name: string): string | undefined =>
  stderr.split(/^(?=wi-setup: )/m).find((each) => each.startsWith(`wi-setup: ${name} `))

const rounds = Math.max(...Object.values(invalidValues).map(({ length }) => length - 1))

for (let round = 0; round < rounds; round++)
  test(`every invalid value is reported with its rule (${round + 1})`, async () => {
    const all = settingsTable
      .filter(({ name, kind }) => kind !== 'switch' && invalidValues[name].length > round + 1)
      .map(({ name }) => [name, invalidValues[name][0], invalidValues[name][round + 1] as string] as const)
    const stderr = await expectUsageError(all.map(([name, , value]) => `${flagOf(name)}=${value}`))
    for (const [name, rule, value] of all) {
      const fault = errorAbout(stderr, flagOf(name)) ?? ''
      // Long values are shortened.
      const shown = value.length > 160 ? `"${value.slice(0, 80)}` : `${JSON.stringify(value)} `
      assert.ok(fault.startsWith(`wi-setup: ${flagOf(name)} ${shown}`), `${name}: ${stderr}`)
      assert.match(fault, rule)
      assert.match(fault, /for example /)
    }
    assert.equal(stderr.match(/^wi-setup: /gm)?.length, all.length)
    assert.ok(!stderr.includes('\u0007') && !stderr.includes('\u001b'))
  })

test('invalid values from variables and from the file are reported, too', async () => {
  const all = settingsTable.flatMap(({ name }) => {
    const value = invalidValues[name].slice(1).find((each) => each !== '') as string | undefined
    return value === undefined ? [] : [[name, invalidValues[name][0], value] as const]
  })
  // A few take any text but an empty one.
  assert.ok(all.length >= settingsTable.length - 4)
  const stderr = await expectUsageError(['plan'], {
    env: Object.fromEntries(all.map(([name, , value]) => [variableOf(name), value])),
  })
  for (const [name, rule] of all) assert.match(errorAbout(stderr, variableOf(name)) ?? '', rule)

  // A wrong type is a fault of the file itself.
  const inFile = all.filter(([name]) => ['text', 'list'].includes(settingSpec(name).kind))
  writeFileSync(
    join(environment.cwd, 'wi-setup.yaml'),
    `nodeCount: 0\n${inFile.map(([name, , value]) => `${name}: ${JSON.stringify(value)}\n`).join('')}`,
  )
  const fileErrors = await expectUsageError(['plan'])
  for (const [name, rule] of inFile)
    assert.match(errorAbout(fileErrors, `wi-setup.yaml: ${name}`) ?? '', rule)
  assert.match(fileErrors, /wi-setup\.yaml: nodeCount 0 is not a valid node count/)
})

test('an empty variable counts as unset', async () => {
  const { code } = await environment.run(['plan', '--sandbox', '--pace', '0', '--explain-settings'], {
    env: { WI_SETUP_VAULT: '', WI_SETUP_CLOUD: '', WI_SETUP_SANDBOX: '', WI_SETUP_TIMEOUT: '' },
  })
  assert.equal(code, 0)
})

/** Commands that need no setting: each has a default, is unused, or is found in Azure. */
const withoutSettings = [
  'permissions',
  'explain',
  'trust',
  'verify',
  'sandbox start',
  'sandbox status',
  'sandbox reset',
]

/** Of their settings, only the argument, the grants and the place have no default; these have errors of their own. */
const hasOwnError = (name: string) => name === 'grant' || /^(federate|issuer) /.test(name)

for (const command of commands
  .map(({ name }) => name)
  .filter((each) => !withoutSettings.includes(each) && !hasOwnError(each)))
  test(`${command || 'the set-up'} lists every missing setting, and the printed command takes them`, async () => {
    const args = command ? command.split(' ') : []
    // The name of an app registration has a default.
    const kind = command === 'identity' ? ['--identity-kind', 'managed'] : []
    const stderr = await expectUsageError([...args, ...kind, '--yes'])
    assert.match(
      stderr,
      /^wi-setup: (1 setting is|\d settings are) missing, and there is no terminal to ask on\n/,
    )
    const line = /^ +(npx wi-setup .*)$/m.exec(stderr)![1]!
    const named = [...stderr.matchAll(/^ {2}(--[a-z-]+) <\w+> +[A-Z]/gm)].map(([, flag]) => flag!)
    assert.ok(named.length >= 1)
    assert.deepEqual(
      parseCommandLine(line).filter((each) => each.startsWith('--') && named.includes(each)),
      named,
    )
    const examples = new Map(settingsTable.map(({ name, example }) => [flagOf(name), example]))
    const complete = parseCommandLine(line).map((each, index, all) =>
      each === '…' ? examples.get(all[index - 1]!)! : each,
    )
    // The command is valid: the only remaining error is the variable's.
    const next = await expectUsageError(complete, { env: { WI_SETUP_OS: 'none' } })
    assert.match(next, /^wi-setup: WI_SETUP_OS "none" [^\n]*\n$/)
  })

test('grant without a grant, and a job without its project, say what is missing', async () => {
  assert.match(await expectUsageError(['grant', '--yes']), /No grant is set; pass --grant, for example/)
  assert.match(
    await expectUsageError(['federate', 'github', '--yes']),
    /missing required argument 'OWNER\/REPO'/,
  )
  assert.match(
    await expectUsageError(['issuer', 'publish', '--yes']),
    /Pass either --storage-account or --to/,
  )
})

test('settings that are given are not listed as missing', async () => {
  const stderr = await expectUsageError(['--cluster', 'aks-shop', '--yes'], {
    env: { WI_SETUP_VAULT: 'kv-shop' },
  })
  assert.match(stderr, /1 setting is missing/)
  assert.doesNotMatch(stderr, /^ {2}--(cluster|vault) /m)
})

test('unknown flags, commands and arguments are reported', async () => {
  assert.match(await expectUsageError(['--nonsense']), /unknown option '--nonsense'/)
  assert.match(
    await expectUsageError(['vault', '--valt', 'kv-shop']),
    /unknown option '--valt'\n\(Did you mean --vault\?\)/,
  )
  assert.match(await expectUsageError(['cluster', '--vault', 'kv-shop']), /unknown option '--vault'/)
  assert.match(await expectUsageError(['nonsense']), /"nonsense" is not a command/)
  assert.match(await expectUsageError(['vault', 'kv-shop']), /unexpected argument "kv-shop"; use flags/)
  assert.match(await expectUsageError(['sandbox', 'nonsense']), /unknown command 'nonsense'/)
  assert.match(await expectUsageError(['vault', '--vault']), /argument missing/)
  for (const each of [['--nonsense'], ['nonsense'], ['vault', 'kv-shop']])
    assert.match(await expectUsageError(each), /^wi-setup: [\s\S]*See npx wi-setup --help\n$/)
})

const files: [name: string, text: string, message: RegExp[]][] = [
  [
    'unknown keys and wrong types',
    'vault: kv-shop\nnodecount: 2\n\nsample: "yes"\nnamespace: 5\nnodeCount: two\nsandbox: 1\nsecret: [a]\n',
    [
      /wi-setup\.yaml:2:1 +unknown setting "nodecount"; did you mean "nodeCount"\?/,
      /wi-setup\.yaml:4:9 +sample: must be true or false/,
      /wi-setup\.yaml:5:12 +namespace: must be text: put quotes around 5/,
      /wi-setup\.yaml:6:12 +nodeCount: must be a number/,
      /wi-setup\.yaml:7:10 +sandbox: must be true or false/,
      /wi-setup\.yaml:8:9 +secret: must be text/,
    ],
  ],
  [
    'a secret value',
    'vault: kv-shop\n  \nsecretValue: x\n',
    [/wi-setup\.yaml:3:1 +unknown setting "secretValue"/],
  ],
  ['a key twice', 'vault: kv-shop\nvault: kv-other\n', [/wi-setup\.yaml:2:1 /]],
  ['a sequence', '- vault\n', [/wi-setup\.yaml:1:1 +a YAML sequence; expected lines such as/]],
  ['a scalar', 'kv-shop\n', [/wi-setup\.yaml:1:1 +not a list of settings/]],
  ['invalid YAML', 'vault: "kv\nsecret: b\n', [/wi-setup\.yaml:\d+:\d+ /]],
  ['nothing after the colon', 'vault:\n', [/wi-setup\.yaml:1:\d+ +vault: must be text/]],
]

for (const [name, text, says] of files)
  test(`wi-setup.yaml with ${name} is reported with line and column`, async () => {
    writeFileSync(join(environment.cwd, 'wi-setup.yaml'), text)
    const stderr = await expectUsageError(['plan', '--sandbox'])
    for (const each of says) assert.match(stderr, each)
  })

test('invalid general options and invalid combinations are reported', async () => {
  const cases: [args: string[], message: RegExp][] = [
    [['--cloud', 'public'], /--sandbox and --cloud can't be combined/],
    [['--timeout', 'soon'], /--timeout "soon" is not a duration\n +for example 90s, 5m or 1h/],
    [['--timeout', '5'], /--timeout "5" is not a duration/],
    [['--timeout', '900000h'], /--timeout "900000h" is not a duration/],
    [['--pace', 'slow'], /--pace "slow" is not a number from 0 to 10/],
    [['--pace', '-1'], /--pace "-1" is not a number from 0 to 10/],
    [['--output', 'xml'], /--output "xml" is not one of text, json/],
  ]
  for (const [args, message] of cases) {
    const stderr = await expectUsageError(['--sandbox', '--yes', ...args])
    assert.match(stderr, message)
    assert.match(stderr, /^wi-setup: /)
  }
  assert.match(
    await expectUsageError(['--cloud', 'mars', '--yes']),
    /--cloud "mars" is not a known cloud\n +one of public, usgov, china/,
  )
  assert.match(
    await expectUsageError(['verify', '--sandbox', '--file', 'nope.yaml']),
    /--file "nope\.yaml" does not exist/,
  )
  for (const flag of ['--posture', '--workloads', '--in-cluster'])
    assert.ok(
      (await expectUsageError(['verify', '--sandbox', '--pre', flag])).includes(
        `--pre and ${flag} can't be combined`,
      ),
    )
  assert.match(
    await expectUsageError(['verify', '--sandbox', '--wait', 'long']),
    /--wait "long" is not a duration/,
  )
  assert.match(
    await expectUsageError(['sample', ...sandboxFlags, '--port', '70000']),
    /--port "70000" is not a port/,
  )
  assert.match(
    await expectUsageError(['webhook', ...sandboxFlags, '--webhook', 'none']),
    /--webhook "none" leaves nothing to do/,
  )
  assert.match(await expectUsageError(['sample', ...sandboxFlags, '--os', 'windows']), /set --sample-image/)
  for (const option of [
    ['--pace', 'x'],
    ['--port', '0'],
    ['--port', 'x'],
  ])
    assert.match(await expectUsageError(['sandbox', 'start', ...option]), /^wi-setup: --(pace|port) "/)
})

test('an unreadable, empty, too long, binary or ambiguous secret value is reported', async () => {
  const file = (text: string | Buffer) => {
    writeFileSync(join(environment.cwd, 'value'), text)
    return ['--secret-from-file', 'value']
  }
  assert.match(
    await expectUsageError([...sandboxFlags, '--secret-from-file', 'nope']),
    /--secret-from-file "nope" can't be read: ENOENT/,
  )
  assert.match(
    await expectUsageError([...sandboxFlags, '--secret-from-file', '.']),
    /--secret-from-file "\." can't be read: EISDIR/,
  )
  assert.match(
    await expectUsageError([...sandboxFlags, ...file('\n')]),
    /--secret-from-file "value" is empty/,
  )
  const large = await expectUsageError([...sandboxFlags, ...file('hidden'.repeat(5000))])
  assert.match(large, /has 30000 bytes; Key Vault accepts at most 25600/)
  assert.doesNotMatch(large, /hidden/)
  const binary = await expectUsageError([...sandboxFlags, ...file(Buffer.from([0xff, 0xfe, 0x00, 0xc3]))])
  assert.match(binary, /--secret-from-file "value" is not UTF-8 text/)
  rmSync(join(environment.cwd, 'value'))
  assert.match(
    await expectUsageError([...sandboxFlags, '--secret-from-stdin'], { input: '' }),
    /--secret-from-stdin is empty/,
  )
  assert.match(
    await expectUsageError(['vault', ...sandboxFlags, '--secret-from-stdin'], { input: 'x'.repeat(25_601) }),
    /--secret-from-stdin has 25601 bytes/,
  )
  assert.match(
    await expectUsageError([...sandboxFlags, '--secret-from-stdin', '--secret-from-file', 'x'], {
      input: 'x',
    }),
    /can't be combined/,
  )
})

test('without a terminal and --yes nothing is changed, and the error says so', async () => {
  for (const args of [[], ['cluster']]) {
    const { code, stdout, stderr } = await environment.run([...args, '--sandbox', '--pace', '0'])
    assert.equal(code, 2)
    assert.equal(stdout, '')
    assert.match(stderr, /^wi-setup: Can't ask for confirmation: no terminal\n.*--yes$/m)
    assert.equal(environment.writes(), 0)
    assert.equal(environment.savedSettings(), undefined)
  }
})
