import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

interface Workflow {
  on: Record<string, unknown>
  permissions?: unknown
  jobs: Record<
    string,
    {
      permissions?: Record<string, string>
      environment?: string
      steps: { uses?: string; with?: Record<string, unknown>; run?: string }[]
    }
  >
}

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Returns what is unsafe in a workflow. */
function faultsOf(text: string): string[] {
  const workflow = parse(text) as Workflow
  const faults: string[] = []
  const events = Object.keys(workflow.on)
  for (const event of ['pull_request_target', 'workflow_run'])
    if (events.includes(event)) faults.push(`runs on ${event}`)
  if (JSON.stringify(workflow.permissions) !== '{}') faults.push('has default permissions')
  for (const [line] of text.matchAll(/^.*\buses:.*$/gm))
    if (!/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line)) faults.push(`not pinned: ${line.trim()}`)
  for (const [name, { permissions, environment, steps }] of Object.entries(workflow.jobs)) {
    for (const [scope, access] of Object.entries(permissions ?? { all: 'write' }))
      if (access !== 'read' && !(scope === 'id-token' && environment && !events.includes('pull_request')))
        faults.push(`${name} may write ${scope}`)
    for (const { uses, with: inputs, run } of steps) {
      if (uses?.startsWith('actions/checkout@') && inputs?.['persist-credentials'] !== false)
        faults.push(`${name} keeps its credentials in the checkout`)
      if (run?.includes('${{')) faults.push(`${name} expands an expression in a script`)
    }
  }
  return faults
}

const workflows = globSync('.github/workflows/*.{yml,yaml}', { cwd: root })

test('every workflow pins its actions by commit and has the least permissions', () => {
  assert.deepEqual(workflows.map((each) => each.replace(/.*\//, '')).sort(), [
    'audit.yml',
    'ci.yml',
    'release.yml',
  ])
  for (const file of workflows) assert.deepEqual(faultsOf(readFileSync(`${root}${file}`, 'utf8')), [], file)
})

test('only the release asks for an identity', () => {
  const asking = workflows.filter((file) => readFileSync(`${root}${file}`, 'utf8').includes('id-token'))
  assert.deepEqual(asking, ['.github/workflows/release.yml'])
})

test('an unsafe workflow is found', () => {
  const unsafe = `
on: { pull_request_target: }
jobs:
  a:
    permissions: { contents: write }
    steps:
      - uses: actions/checkout@v7
      - run: echo \${{ github.event.issue.title }}
  b:
    steps: []
`
  assert.deepEqual(faultsOf(unsafe), [
    'runs on pull_request_target',
    'has default permissions',
    'not pinned: - uses: actions/checkout@v7',
    'a may write contents',
    'a keeps its credentials in the checkout',
    'a expands an expression in a script',
    'b may write all',
  ])
})

test('installing the package runs none of its scripts and installs nothing else', () => {
  const { scripts, ...manifest } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    scripts: Record<string, string>
  }
  // npm runs these for a tarball; prepare runs only in a clone.
  for (const name of ['preinstall', 'install', 'postinstall', 'preprepare', 'postprepare'])
    assert.equal(scripts[name], undefined, name)
  assert.equal(scripts.prepare, 'node build.js')
  for (const name of ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundleDependencies'])
    assert.ok(!(name in manifest), name)
})
