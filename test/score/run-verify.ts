import type { Fixture } from './fault.ts'

/** Runs `verify` on a fixture and returns its checks, failures and warnings. */
export async function runVerify(fixture: Fixture, args: readonly string[] = []) {
  const cloudFlags = fixture.caller ? [] : fixture.environment.cloud
  const output = await fixture.environment.run(['verify', ...cloudFlags, '--output', 'json', ...args], {
    cwd: fixture.cwd,
    env: fixture.caller?.env ?? {},
  })
  const { checks, error } = output.json
  if (error) throw new Error(`${error.message}\n${error.remedy}`)
  const findings = checks.filter(({ status }) => status === 'fail' || status === 'warn')
  return { checks, findings, code: output.code }
}

export const codesOf = (checks: readonly { code: string }[]) => checks.map(({ code }) => code).toSorted()

/** Reports whether exactly these codes have findings, and every skipped check depends on one of them. */
export const reportsExactly = (
  { checks, findings }: Awaited<ReturnType<typeof runVerify>>,
  codes: readonly string[],
): boolean =>
  codesOf(findings).join() === codes.toSorted().join() &&
  checks.every(({ status, because }) => status !== 'skip' || !because || codes.includes(because))
