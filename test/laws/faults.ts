import type { FaultRule } from '../../sandbox/index.ts'

/** One request of a run, told so that it is found again in another run. */
export interface Request {
  role: NonNullable<FaultRule['role']>
  method: string
  /** With `*` for ids. */
  path: string
  /** Which of those that fit role, method and path, from 1. */
  nth: number
  write: boolean
  /** For which it is sent; `proof` for all that proves. */
  step: string
}

/** What is done to one request. */
export interface LawFault {
  rule: Omit<FaultRule, 'role' | 'method' | 'path' | 'nth'>
  /** Ends the run there and then, as a kill would. */
  dies?: true
  /** The run need not come to its end by itself. */
  ends?: true
  when?: (request: Request) => boolean
}

const writes = ({ write, role }: Request) => write && role !== 'login'
const works = ({ step }: Request) => step !== 'proof'
const long = ({ method, path }: Request) => method === 'PUT' && /\/managedClusters\/[^/]+$/i.test(path)

/** What can happen to a request. */
export const faults: Record<string, LawFault> = {
  'die before': { rule: { fault: 'cut-before' }, dies: true },
  // After a read there is nothing but the next request, before which it dies as well.
  'die after': { rule: { fault: 'cut-after' }, dies: true, when: writes },
  'answer lost': { rule: { fault: 'cut-after' } },
  'no answer': { rule: { fault: 'refuse', ms: 5 }, when: works },
  '429': { rule: { fault: '429' } },
  // More often than the HTTP client tries.
  '503': { rule: { fault: '503', times: 5 } },
  '500': { rule: { fault: '500' }, when: writes },
  'lost ×5': { rule: { fault: 'cut-after', times: 5 }, when: writes },
  '409 busy': { rule: { fault: 'busy', times: 2 }, when: writes },
  '409 write': { rule: { fault: 'concurrent-write' }, when: writes },
  '401': {
    rule: { fault: 'expired-token' },
    when: ({ role }) => ['arm', 'graph', 'vault'].includes(role),
  },
  half: { rule: { fault: 'truncated' }, when: works },
  page: { rule: { fault: 'not-json' }, when: works },
  'op fails': { rule: { fault: 'operation-fails' }, when: long, ends: true },
  'op ends': { rule: { fault: 'operation-canceled' }, when: long, ends: true },
  'op gone': { rule: { fault: 'operation-gone' }, when: long },
}

export const patternOf = (path: string) =>
  path
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/gi, '*')
    .replace(/(aks-\w+|wi-aks)-[\w-]*\.hcp\.[^/]+/g, '*')
