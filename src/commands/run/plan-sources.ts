import type { Connection } from '../../clients/kubernetes.ts'
import { knownOutputs, type Plan } from '../../engine/plan.ts'
import type { CommandRun } from '../../session/run-command.ts'

/** A label and a value that precede the plan. */
export type PlanSource = readonly [label: string, value: string]

/** Returns which other parties the plan involves: a special cloud, a program that signs in to the cluster. */
export async function planSources(
  { session }: Pick<CommandRun, 'session'>,
  plan: Plan,
): Promise<PlanSource[]> {
  const { cloud } = session
  const connection = knownOutputs(plan.items.find(({ id }) => id === 'cluster')?.inspection).connection
  const security = connection
    ? await session.clients.kubernetes(connection as Connection).security()
    : undefined
  const sources: PlanSource[] = []
  if (!session.isSandbox && cloud.name !== 'public') sources.push(['Cloud', `${cloud.name}, ${cloud.arm}`])
  if (security?.signInProgram !== undefined)
    sources.push(['Cluster sign-in', `runs ${security.signInProgram}`])
  for (const cause of security?.insecure ?? [])
    sources.push(['Warning', `${cause} turns off TLS verification`])
  return sources
}
