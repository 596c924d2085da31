import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { criticalPath, slowestChain } from './critical-path.ts'
import { journal, type Measured, measure, program, type Request, serve } from './run.ts'

// Measures the built program with its sandbox in the same process. Times are told as ratios of two that were
// measured on the same machine in the same minute, or of one to the simulated times that cannot be shortened.

const pace = 0.05

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

const inFolder = async <T>(does: (folder: string) => Promise<T>): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), 'wi-bench-'))
  try {
    return await does(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** From when to when a step was at work, as the program's own lines tell. */
function span({ lines }: Measured, title: string): [number, number] {
  const at = (word: string) => lines.find(({ text }) => text.startsWith(`${word.padEnd(9)}${title} `))?.at
  const [from, to] = [at('start'), at('done')]
  if (from === undefined || to === undefined) throw new Error(`No lines of the step ${title}`)
  return [from, to]
}

/** How often the most read thing was read: sign-in, and the refusals that ask for it, are no reads of a thing. */
function mostReads(requests: Request[]): number {
  const things = requests.filter(
    ({ method, path, status }) =>
      method === 'GET' && status !== 401 && !/\/(oic|v2\.0\/\.well-known|metadata)\//.test(path),
  )
  const counts = Object.values(Object.groupBy(things, ({ host, path }) => `${host}${path}`.toLowerCase()))
  return Math.max(...counts.map((each) => each!.length))
}

/** Requests that come from somewhere else: the token service reading the issuer's documents, the sample in its pod. */
function ownOf(requests: Request[]): Request[] {
  const tokens = requests.filter(({ path }) => /\/token$/.test(path) && !/serviceaccounts/.test(path))
  const documents = requests.filter(({ path }) => /\/oic\//.test(path))
  // The program reads both documents once; every other time it is the token service, for the exchange and the sample.
  const foreign = new Set(documents.slice(2))
  const reads = requests.filter(({ path }) => /^\/secrets\//.test(path))
  // The program asks twice, for the challenge and with the token; so does the sample, for a token of its own.
  for (const each of reads.slice(2)) foreign.add(each)
  for (const each of tokens.slice(3)) foreign.add(each)
  return requests.filter((each) => !foreign.has(each))
}

/** A healthy \`verify\` at pace 1, against a sandbox in a process of its own. */
async function measureProof(folder: string) {
  const served = await serve(folder)
  try {
    // At this pace the credential and the role of a moment ago have not taken effect yet.
    await measure([program, 'verify', '--sandbox', '--wait', '3m'], folder)
    const before = journal(folder).flat().length
    const run = await measure([program, 'verify', '--sandbox'], folder)
    const all = journal(folder).flat().slice(before)
    const own = ownOf(all)
    // Sign-in and challenge are no reads of a thing.
    const things = own.filter(({ status }) => status !== 401)
    const counts = Object.values(
      Object.groupBy(things, ({ method, host, path }) => `${method} ${host}${path}`.toLowerCase()),
    )
    return {
      requests: own.length,
      most: Math.max(
        ...counts.filter((each) => !/\/token$/.test(each![0]!.path)).map((each) => each!.length),
      ),
      // The start of the program and of Node.js is no part of the chain.
      time: run.wall - (await measure([program, '--help'], folder)).wall,
      memory: run.memory,
    }
  } finally {
    served.kill()
  }
}

const writes = (requests: Request[]) => requests.filter(({ write }) => write).length
const row = (what: string, value: string, target: string, met?: boolean) => ({
  what,
  measured: value,
  target,
  met: met === undefined ? '' : met ? 'yes' : 'NO',
})
const factor = (value: number) => `${value.toFixed(2)} ×`
const percent = (value: number) => `${Math.round(value * 100)} %`

const rows = await inFolder(async (folder) => {
  const first = await measure([program, '--sandbox', '--yes', '--pace', `${pace}`], folder)
  await measure([program, 'plan', '--sandbox', '--pace', '0'], folder)
  const second = await measure([program, '--sandbox', '--yes', '--pace', '0'], folder)
  const [, look, again] = journal(folder) as [Request[], Request[], Request[]]
  const path = criticalPath(pace)
  const [, ready] = span(first, 'cluster')
  /** Which part of a step's time had gone by when the cluster was there. */
  const early = (title: string) => {
    const [from, to] = span(first, title)
    return Math.min(1, Math.max(0, ready - from) / (to - from))
  }
  const memory = Math.max(first.memory, second.memory)
  const proof = await measureProof(folder)

  const helps: number[] = []
  const nothings: number[] = []
  for (let n = 0; n < 9; n++) {
    nothings.push((await measure(['-e', '0'], folder)).wall)
    helps.push((await measure([program, '--help'], folder)).wall)
  }
  return [
    row(
      `whole set-up ÷ critical path (${(path / 1000).toFixed(1)} s at pace ${pace})`,
      factor(first.wall / path),
      '≤ 1.15',
      first.wall / path <= 1.15,
    ),
    ...[
      ['service principal', 'identity made before the cluster is there'],
      ['secret', 'vault, access and secret, too'],
    ].map(([title, what]) => row(what!, percent(early(title!)), '100 %', early(title!) === 1)),
    row('second run: writes', `${writes(again)}`, '0', writes(again) === 0),
    row('its plan: reads of one thing, at most', `${mostReads(look)}`, '1', mostReads(look) <= 1),
    row(
      'with the proof (the secret: as you, and as the workload)',
      `${mostReads(again)}`,
      '2',
      mostReads(again) <= 2,
    ),
    row('second run ÷ `--help`', factor(second.wall / median(helps)), ''),
    row('peak memory, sandbox in-process', `${Math.round(memory)} MiB`, '≤ 200', memory <= 200),
    row('healthy `verify`: requests that it sent', `${proof.requests}`, '≤ 25', proof.requests <= 25),
    row('of one thing, at most', `${proof.most}`, '1', proof.most <= 1),
    row(
      `its time ÷ slowest chain of requests (${(slowestChain() / 1000).toFixed(1)} s at pace 1)`,
      factor(proof.time / slowestChain()),
      '≤ 1.2',
      proof.time / slowestChain() <= 1.2,
    ),
    row(
      'its peak memory, without the sandbox',
      `${Math.round(proof.memory)} MiB`,
      '≤ 150',
      proof.memory <= 150,
    ),
    row('`--help` ÷ `node -e 0`', factor(median(helps) / median(nothings)), ''),
  ]
})

const columns = ['what', 'measured', 'target', 'met'] as const
const widths = columns.map((name) =>
  Math.max(...[...rows.map((each) => each[name]), name].map((text) => text.length)),
)
const line = (cells: string[]) =>
  `| ${cells.map((text, n) => (n === 1 ? text.padStart(widths[n]!) : text.padEnd(widths[n]!))).join(' | ')} |\n`
process.stdout.write(
  line([...columns]) +
    line(widths.map((width) => '-'.repeat(width))) +
    rows.map((each) => line(columns.map((name) => each[name]))).join(''),
)
