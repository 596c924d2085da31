import {
  type JournalEntry,
  newEnvironment,
  type ProgramEnvironment,
  program,
} from '../test/support/environment.ts'
import { serveSandbox } from '../test/support/served-sandbox.ts'
import { criticalPath, slowestChain } from './critical-path.ts'
import { createResources, fiveGrants } from './grants.ts'
import { type Measurement, measure, requestsByRun } from './measure.ts'
import { percent, type Row, ratio, row, table } from './table.ts'

// Measures the built program. Times are ratios: of two measurements on the same machine in the same minute, or of one
// measurement to simulated times that no program can shorten.

const pace = 0.05

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
const countWrites = (requests: JournalEntry[]) => requests.filter(({ write }) => write).length

/** Returns the number of requests for the most requested key. */
const mostFor = (requests: JournalEntry[], keyOf: (request: JournalEntry) => string): number =>
  Math.max(...Object.values(Object.groupBy(requests, keyOf)).map((each) => each!.length))

/** Returns start and end of a step, from the lines that the program prints. */
function stepSpan({ lines }: Measurement, title: string): [number, number] {
  const at = (state: string) => lines.find(({ text }) => text.startsWith(`${state.padEnd(9)}${title} `))?.at
  const [start, end] = [at('start'), at('done')]
  if (start === undefined || end === undefined) throw new Error(`No lines of the step ${title}`)
  return [start, end]
}

/** Returns how often the most read resource was read, apart from sign-in and its challenges. */
function mostReads(requests: JournalEntry[]): number {
  const reads = requests.filter(
    ({ method, path, status }) =>
      method === 'GET' && status !== 401 && !/\/(oic|v2\.0\/\.well-known|metadata)\//.test(path),
  )
  return mostFor(reads, ({ host, path }) => `${host}${path}`.toLowerCase())
}

/** Returns the program's own requests, without those of the token service and of the sample in its pod. */
function ownRequests(requests: JournalEntry[]): JournalEntry[] {
  const tokens = requests.filter(({ path }) => /\/token$/.test(path) && !/serviceaccounts/.test(path))
  const documents = requests.filter(({ path }) => /\/oic\//.test(path))
  const secrets = requests.filter(({ path }) => /^\/secrets\//.test(path))
  // The program reads both issuer documents once, reads the secret twice (challenge and answer), and gets three tokens.
  const foreign = new Set([...documents.slice(2), ...secrets.slice(2), ...tokens.slice(3)])
  return requests.filter((each) => !foreign.has(each))
}

/** Measures set-ups with the sandbox in the same process. */
async function setUpRows(environment: ProgramEnvironment): Promise<{ rows: Row[]; second: Measurement }> {
  const first = await measure([program, '--sandbox', '--yes', '--pace', `${pace}`], environment)
  await measure([program, 'plan', '--sandbox', '--pace', '0'], environment)
  const second = await measure([program, '--sandbox', '--yes', '--pace', '0'], environment)
  const [, planned, again] = requestsByRun(environment) as [JournalEntry[], JournalEntry[], JournalEntry[]]
  const path = criticalPath(pace)
  const [, clusterReady] = stepSpan(first, 'cluster')
  /** Returns the part of a step's time that had passed when the cluster was ready. */
  const doneBeforeCluster = (title: string) => {
    const [start, end] = stepSpan(first, title)
    return Math.min(1, Math.max(0, clusterReady - start) / (end - start))
  }
  const early = (title: string, what: string) => {
    const part = doneBeforeCluster(title)
    return row(what, percent(part), '100 %', part === 1)
  }
  const memory = Math.max(first.memory, second.memory)
  const overPath = first.wall / path
  const seconds = (path / 1000).toFixed(1)
  return {
    second,
    rows: [
      row(
        `set-up ÷ critical path (${seconds} s at pace ${pace})`,
        ratio(overPath),
        '≤ 1.15',
        overPath <= 1.15,
      ),
      early('service principal', 'identity created before the cluster is ready'),
      early('secret', 'vault, access and secret created before the cluster is ready'),
      row('second run: writes', `${countWrites(again)}`, '0', countWrites(again) === 0),
      row('plan: reads of one resource, at most', `${mostReads(planned)}`, '1', mostReads(planned) <= 1),
      row(
        'set-up: reads of one resource, at most (secret: as you, and as the workload)',
        `${mostReads(again)}`,
        '2',
        mostReads(again) <= 2,
      ),
      row('peak memory, sandbox in-process', `${Math.round(memory)} MiB`, '≤ 200', memory <= 200),
    ],
  }
}

/** Measures a healthy `verify` at pace 1, with the sandbox in a separate process. */
async function verifyRows(environment: ProgramEnvironment): Promise<Row[]> {
  const served = await serveSandbox(environment, ['--pace', '1'])
  try {
    // The credential and the role assignment need some time to replicate at this pace.
    await measure([program, 'verify', '--sandbox', '--wait', '3m'], environment)
    const before = environment.journal().length
    const { wall, memory } = await measure([program, 'verify', '--sandbox'], environment)
    const own = ownRequests(environment.journal().slice(before))
    const reads = own.filter(({ path, status }) => status !== 401 && !/\/token$/.test(path))
    const most = mostFor(reads, ({ method, host, path }) => `${method} ${host}${path}`.toLowerCase())
    // The start of Node.js and of the program is not part of the chain.
    const startUp = (await measure([program, '--help'], environment)).wall
    const overChain = (wall - startUp) / slowestChain()
    const seconds = (slowestChain() / 1000).toFixed(1)
    return [
      row('healthy verify: requests', `${own.length}`, '≤ 25', own.length <= 25),
      row('reads of one resource, at most', `${most}`, '1', most <= 1),
      row(
        `time ÷ slowest chain of requests (${seconds} s at pace 1)`,
        ratio(overChain),
        '≤ 1.2',
        overChain <= 1.2,
      ),
      row('peak memory, without the sandbox', `${Math.round(memory)} MiB`, '≤ 150', memory <= 150),
    ]
  } finally {
    await served.stop()
  }
}

/** Measures the start of the program. */
async function startUpRows(environment: ProgramEnvironment, second: Measurement): Promise<Row[]> {
  const [helps, empties]: [number[], number[]] = [[], []]
  for (let n = 0; n < 9; n++) {
    empties.push((await measure(['-e', '0'], environment)).wall)
    helps.push((await measure([program, '--help'], environment)).wall)
  }
  return [
    row('--help ÷ node -e 0', ratio(median(helps) / median(empties))),
    row('second run ÷ --help', ratio(second.wall / median(helps))),
  ]
}

/** Measures a set-up and a healthy `verify` of a workload with five grants. */
async function grantRows(): Promise<Row[]> {
  const environment = newEnvironment()
  try {
    await createResources(environment)
    const first = await measure(
      [program, '--sandbox', '--yes', '--pace', `${pace}`, ...fiveGrants],
      environment,
    )
    const overPath = first.wall / criticalPath(pace, { grants: true })
    await measure([program, '--sandbox', '--yes', '--pace', '0'], environment)
    const again = requestsByRun(environment).at(-1)!
    const served = await serveSandbox(environment, ['--pace', '1'])
    try {
      await measure([program, 'verify', '--sandbox', '--wait', '3m'], environment)
      const before = environment.journal().length
      const { wall } = await measure([program, 'verify', '--sandbox'], environment)
      const data = environment.journal().slice(before)
      const reads = data.filter(({ host }) => !host.startsWith('localhost'))
      const startUp = (await measure([program, '--help'], environment)).wall
      const overChain = (wall - startUp) / slowestChain({ grants: true })
      const most = mostFor(reads, ({ host, path }) => `${host}${path}`)
      return [
        row('five grants: set-up ÷ critical path', ratio(overPath), '≤ 1.15', overPath <= 1.15),
        row('five grants: writes of the second run', `${countWrites(again)}`, '0', countWrites(again) === 0),
        row('five grants: healthy verify ÷ slowest chain', ratio(overChain), '≤ 1.2', overChain <= 1.2),
        row('five grants: reads of one target, at most', `${most}`, '1', most <= 1),
      ]
    } finally {
      await served.stop()
    }
  } finally {
    await environment.close()
  }
}

const environment = newEnvironment()
try {
  const { rows, second } = await setUpRows(environment)
  rows.push(...(await verifyRows(environment)), ...(await startUpRows(environment, second)))
  rows.push(...(await grantRows()))
  process.stdout.write(table(rows))
} finally {
  await environment.close()
}
