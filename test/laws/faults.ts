import type { Call, Reply } from '../../src/sandbox/http.ts'

type Act = () => Promise<Reply>

/** What can happen to one request. `die` ends the run there and then, as a kill would. */
export const faults = {
  'die before': async (_: Act, die: () => void): Promise<Reply | 'cut'> => {
    die()
    return 'cut'
  },
  'die after': async (act: Act, die: () => void): Promise<Reply | 'cut'> => {
    await act()
    die()
    return 'cut'
  },
  'response lost': async (act: Act): Promise<Reply | 'cut'> => {
    await act()
    return 'cut'
  },
  'refused connection': async (): Promise<Reply | 'cut'> => 'cut',
  '429': async (): Promise<Reply | 'cut'> => refusal(429, 'TooManyRequests', { 'retry-after': '0' }),
  '503': async (): Promise<Reply | 'cut'> => refusal(503, 'ServiceUnavailable', { 'retry-after': '0' }),
  '409': async (): Promise<Reply | 'cut'> => refusal(409, 'AnotherOperationInProgress', {}),
} as const

export type Fault = keyof typeof faults

const refusal = (status: number, code: string, headers: Record<string, string>): Reply => ({
  status,
  headers,
  body: {
    error: { code, message: 'Another operation is in progress.' },
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    reason: code,
    message: 'Another operation is in progress.',
    code: status,
  },
})

/** Lets the fault happen to the n-th request (from 1) after `arm()`, once. */
export function faultAt(n: number, fault: Fault, die: () => void) {
  let count = Number.NaN
  const seen = { hit: undefined as string | undefined }
  const intercept = async (call: Call, act: Act): Promise<Reply | 'cut'> => {
    count++
    if (count !== n) return act()
    seen.hit = `${call.role} ${call.method} ${call.path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')}`
    return faults[fault](act, die)
  }
  return {
    intercept,
    seen,
    arm: () => {
      count = 0
    },
  }
}
