import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { issuerExamples, targetExamples } from '../../../docs/tables.ts'
import { ciHost, jobToken, startGitHubJob } from '../../../sandbox/index.ts'
import { issuers } from '../../../src/issuers/index.ts'
import { targets } from '../../../src/targets/index.ts'
import { type Apis, sandboxApis } from '../../score/apis.ts'
import { runPrinted } from '../../support/database-session.ts'
import { type InProcessEnvironment, newInProcessEnvironment } from '../../support/in-process.ts'
import { createTarget } from '../../support/target-resources.ts'

// Every command of the README's tables of targets and issuers: from nothing to proven, to a second run without writes,
// to destroyed.

let environment: InProcessEnvironment
let apis: Apis
before(async () => {
  environment = await newInProcessEnvironment({ registered: true })
  // Loads the SDKs, which blocks the sandbox in this process.
  await environment.run(['plan', '--sandbox', '--pace', '0'])
  apis = sandboxApis(environment)
})
after(() => environment.close())

const requests = () => environment.sandbox.journal
const writes = () => requests().filter(({ write }) => write).length

/** What the sandbox contains that a set-up creates. */
const inventory = ({ sandbox: { state } }: InProcessEnvironment) => ({
  applications: Object.values(state.directory.applications).filter(
    ({ uniqueName, deletedAt }) => uniqueName && !deletedAt,
  ).length,
  assignments: Object.keys(state.arm.roleAssignments).length,
  clusters: Object.keys(state.clusters).length,
})

/** Runs set-up, verify, set-up and destroy. Returns what the first set-up took. */
async function completeRoad(
  folder: string,
  args: readonly string[],
  env: () => Promise<Record<string, string>>,
) {
  const run = async (more: readonly string[], variables = {}, code = 0) => {
    const wait = more[0] === 'verify' ? ['--wait', '10s'] : []
    const output = await environment.run([...more, ...wait, '--sandbox', '--pace', '0', '--output', 'json'], {
      cwd: join(environment.root, folder),
      env: variables,
    })
    assert.equal(output.code, code, `${more.join(' ')}\n${output.stderr}${output.stdout}`)
    return output.json
  }
  const before = inventory(environment)
  const [from, began] = [requests().length, performance.now()]
  const isDatabase = /--grant (?:sql|postgres):/.test(args.join(' '))
  // The proof needs a user in the database, which the statements create.
  const { outputs } = await run([...args, '--yes'], {}, isDatabase ? 1 : 0)
  if (isDatabase) runPrinted(environment.sandbox.simulator, String(outputs.statements))
  const took = {
    requests: requests().length - from,
    seconds: ((performance.now() - began) / 1000).toFixed(1),
  }
  const { checks } = await run(['verify'], await env())
  const written = writes()
  await run([...args, '--yes'])
  assert.equal(writes(), written, 'the second run writes nothing')
  await run(['destroy', '--yes', '--confirm', 'aks-demo'])
  assert.deepEqual(inventory(environment), before)
  return { ...took, checks }
}

for (const [n, [what, args]] of targetExamples.entries())
  test(`access to ${what}: ${args}`, async (t) => {
    const { name } = targets[n]!
    await createTarget(name, environment, apis)
    const { state } = environment.sandbox
    const words = args.replace('00000000-0000-0000-0000-000000000000', state.subscription.id).split(' ')
    const road = await completeRoad(`target-${name}`, words, async () => ({}))
    const proofs = road.checks.filter(({ code }) => code === 'WI508' || code === 'WI908')
    assert.deepEqual(
      proofs.map(({ status }) => status),
      ['pass'],
      JSON.stringify(road.checks.filter(({ status }) => status !== 'pass')),
    )
    t.diagnostic(`${args}: ${road.requests} requests, ${road.seconds} s`)
  })

/** Returns the variables of the job of each issuer's example. */
const jobs: Record<string, () => Promise<Record<string, string>>> = {
  github: async () =>
    startGitHubJob(environment.sandbox.simulator, {
      repository: 'acme/shop',
      context: 'environment:production',
    }),
  gitlab: async () => ({
    AZURE_ID_TOKEN: await token('gitlab', 'project_path:acme/shop:ref_type:branch:ref:main'),
  }),
  terraform: async () => ({
    TFC_WORKLOAD_IDENTITY_TOKEN: await token(
      'terraform',
      'organization:acme:project:shop:workspace:shop-prod:run_phase:plan',
    ),
  }),
  other: async () => {
    const file = join(environment.root, 'token')
    writeFileSync(file, await token('oidc', 'ci:acme/shop'))
    return { AZURE_FEDERATED_TOKEN_FILE: file }
  },
}
const token = (system: 'gitlab' | 'terraform' | 'oidc', subject: string) =>
  jobToken(environment.sandbox.simulator, system, subject)

for (const [n, [what, args]] of issuerExamples.entries())
  test(`jobs of ${what}: ${args}`, async (t) => {
    const name = issuers[n]?.name ?? 'other'
    const other = `https://${ciHost(environment.sandbox.simulator, 'oidc')}`
    const words = args.replace('https://oidc.example.com', other).split(' ')
    const road = await completeRoad(`issuer-${name}`, words, jobs[name] ?? (async () => ({})))
    const proof = road.checks.find(({ code }) => code === 'WI508')!
    // Only a pipeline of Azure DevOps gets its tokens, and none is simulated.
    assert.equal(proof.status, name === 'azure-devops' ? 'skip' : 'pass', JSON.stringify(proof))
    t.diagnostic(`${args}: ${road.requests} requests, ${road.seconds} s`)
  })
