import { documentOf } from '../support/in-process.ts'
import type { Scene } from './fault.ts'

/** What `verify` says of a scene. */
export async function look(scene: Scene, args: readonly string[] = []) {
  const where = scene.caller ? [] : scene.at.cloud
  const ran = await scene.at.run(['verify', ...where, '--output', 'json', ...args], {
    cwd: scene.cwd,
    env: scene.caller?.env ?? {},
  })
  const { checks, error } = documentOf(ran)
  if (error) throw new Error(`${error.message}\n${error.remedy}`)
  const found = checks.filter(({ status }) => status === 'fail' || status === 'warn')
  return { checks, found, code: ran.code }
}

export const codesOf = (checks: readonly { code: string }[]) => checks.map(({ code }) => code).toSorted()

/** True if these and no others are named, and what was skipped hangs on one of them. */
export const exactly = (
  { checks, found }: Awaited<ReturnType<typeof look>>,
  codes: readonly string[],
): boolean =>
  codesOf(found).join() === codes.toSorted().join() &&
  checks.every(({ status, because }) => status !== 'skip' || !because || codes.includes(because))
