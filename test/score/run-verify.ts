import type { Fixture } from './fault.ts'

/** What `verify` says of a scene. */
export async function runVerify(scene: Fixture, args: readonly string[] = []) {
  const where = scene.caller ? [] : scene.environment.cloud
  const ran = await scene.environment.run(['verify', ...where, '--output', 'json', ...args], {
    cwd: scene.cwd,
    env: scene.caller?.env ?? {},
  })
  const { checks, error } = ran.json
  if (error) throw new Error(`${error.message}\n${error.remedy}`)
  const found = checks.filter(({ status }) => status === 'fail' || status === 'warn')
  return { checks, found, code: ran.code }
}

export const codesOf = (checks: readonly { code: string }[]) => checks.map(({ code }) => code).toSorted()

/** True if these and no others are named, and what was skipped hangs on one of them. */
export const reportsExactly = (
  { checks, found }: Awaited<ReturnType<typeof runVerify>>,
  codes: readonly string[],
): boolean =>
  codesOf(found).join() === codes.toSorted().join() &&
  checks.every(({ status, because }) => status !== 'skip' || !because || codes.includes(because))
