import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { applySetUp, e2eEnvironment, setUpFlags } from './environment.ts'

// These numbers are printed and not asserted: they depend on the machine.

const environment = e2eEnvironment()
const preload = fileURLToPath(new URL('../support/measure-preload.mjs', import.meta.url))

interface Request {
  /** In ms since the start of the process. */
  from: number
  to: number
}

/** Simulated network latency of a request to Azure, in ms; the sandbox is on this machine. */
const latency = 100

/** Runs the program with `--debug` and returns its requests, its run time in ms and its peak memory in MiB. */
async function measured(args: string[]) {
  const file = join(environment.root, 'memory')
  const requests: Request[] = []
  const startTime = performance.now()
  const { code, stderr } = await environment.run([...args, '--debug'], {
    env: {
      NODE_OPTIONS: `${environment.env.NODE_OPTIONS} --import ${preload}`,
      WI_TEST_MEMORY: file,
      WI_TEST_LATENCY: `${latency}`,
    },
    onStart: ({ child }) =>
      child.stderr?.on('data', (part: string) => {
        const to = performance.now() - startTime
        for (const [, ms] of String(part).matchAll(/^debug: .* (\d+) ms \S*$/gm))
          requests.push({ from: to - Number(ms), to })
      }),
  })
  assert.equal(code, 0, stderr)
  assert.ok(requests.length > 5)
  return { requests, wall: performance.now() - startTime, memory: Number(readFileSync(file, 'utf8')) }
}

/** Returns the chain from the last request back to the first: each ended last before the next one began. */
function slowestChain(requests: Request[]): Request[] {
  const byEnd = requests.toSorted((a, b) => b.to - a.to)
  const chain = byEnd.slice(0, 1)
  for (const each of byEnd) if (each.to <= chain.at(-1)!.from + 1) chain.push(each)
  return chain
}

before(() => applySetUp(environment))

test('run time of verify relative to its slowest chain of requests, and peak memory', async (t) => {
  const verify = await measured(['verify', ...setUpFlags(environment)])
  const chain = slowestChain(verify.requests)
  const inChain = chain.reduce((sum, { from, to }) => sum + to - from, 0)
  const first = Math.min(...verify.requests.map(({ from }) => from))
  const requestTime = verify.wall - first
  const ms = (time: number) => `${Math.round(time)} ms`
  t.diagnostic(
    `verify, each request ${latency} ms longer: ${ms(requestTime)} from the first of ${verify.requests.length} requests to the end, its slowest chain of ${chain.length} takes ${ms(inChain)}: ${(requestTime / inChain).toFixed(2)} ×; ${ms(first)} to start before`,
  )
  const again = await measured([...setUpFlags(environment), '--yes'])
  t.diagnostic(`peak memory: verify ${Math.round(verify.memory)} MiB, set-up ${Math.round(again.memory)} MiB`)
})
