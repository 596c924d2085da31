import type { FaultRule } from '../../sandbox/index.ts'

/** One request of a run, described so that another run's can be matched. */
export interface LawRequest {
  role: NonNullable<FaultRule['role']>
  method: string
  /** With `*` for IDs. */
  path: string
  /** Its number among those with the same role, method and path, from 1. */
  nth: number
  write: boolean
  /** The step that it is sent for, or `proof`. */
  step: string
}

/** A fault injected into one request. */
export interface LawFault {
  rule: Omit<FaultRule, 'role' | 'method' | 'path' | 'nth'>
  /** Ends the run at once, like a kill. */
  kills?: true
  /** The run may fail; the next one must succeed. */
  mayFail?: true
  when?: (request: LawRequest) => boolean
}

const isWrite = ({ write, role }: LawRequest) => write && role !== 'login'
const isApplied = ({ step }: LawRequest) => step !== 'proof'
const isLongOperation = ({ method, path }: LawRequest) =>
  method === 'PUT' && /\/managedClusters\/[^/]+$/i.test(path)

/** The faults, by the column of the table. */
export const faults: Record<string, LawFault> = {
  'kill before': { rule: { fault: 'cut-before' }, kills: true },
  // A kill after a read equals a kill before the next request.
  'kill after': { rule: { fault: 'cut-after' }, kills: true, when: isWrite },
  lost: { rule: { fault: 'cut-after' } },
  refused: { rule: { fault: 'refuse', ms: 5 }, when: isApplied },
  '429': { rule: { fault: '429' } },
  // More often than the HTTP client retries.
  '503': { rule: { fault: '503', times: 5 } },
  '500': { rule: { fault: '500' }, when: isWrite },
  'lost ×5': { rule: { fault: 'cut-after', times: 5 }, when: isWrite },
  '409 busy': { rule: { fault: 'busy', times: 2 }, when: isWrite },
  '409 write': { rule: { fault: 'concurrent-write' }, when: isWrite },
  '401': {
    rule: { fault: 'expired-token' },
    when: ({ role }) => ['arm', 'graph', 'vault'].includes(role),
  },
  truncated: { rule: { fault: 'truncated' }, when: isApplied },
  html: { rule: { fault: 'not-json' }, when: isApplied },
  'op fails': { rule: { fault: 'operation-fails' }, when: isLongOperation, mayFail: true },
  'op canceled': { rule: { fault: 'operation-canceled' }, when: isLongOperation, mayFail: true },
  'op gone': { rule: { fault: 'operation-gone' }, when: isLongOperation },
}

export const pathPattern = (path: string) =>
  path
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/gi, '*')
    .replace(/(aks-\w+|wi-aks)-[\w-]*\.hcp\.[^/]+/g, '*')
