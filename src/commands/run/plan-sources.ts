import type { Connection } from '../../clients/kubernetes.ts'
import { knownOutputs, type Plan } from '../../engine/plan.ts'
import type { CommandRun } from '../../session/run-command.ts'

/** A label and a value that precede the plan. */
export type PlanSource = readonly [label: string, value: string]

/** Returns which other parties the plan involves: a special cloud, a program that signs in, a chart, an image. */
export async function planSources(
  { session, settings }: Pick<CommandRun, 'session' | 'settings'>,
  plan: Plan,
): Promise<PlanSource[]> {
  const { cloud } = session
  const writes = (id: string) =>
    plan.items.find((item) => item.id === id && (item.action === 'create' || item.action === 'change'))
  const connection = knownOutputs(plan.items.find(({ id }) => id === 'cluster')?.inspection).connection
  const security = connection
    ? await session.clients.kubernetes(connection as Connection).security()
    : undefined
  const sources: PlanSource[] = []
  if (!session.isSandbox && cloud.name !== 'public') sources.push(['Cloud', `${cloud.name}, ${cloud.arm}`])
  if (security?.signInProgram !== undefined)
    sources.push(['Cluster sign-in', `runs ${security.signInProgram}`])
  if (writes('webhook')?.label === 'Helm chart')
    sources.push(['Chart', `${settings.chart}, ${settings.chartVersion ?? 'latest version'}`])
  if (writes('sample')) sources.push(['Sample image', settings.sampleImage ?? 'node:24-alpine'])
  for (const cause of security?.insecure ?? [])
    sources.push(['Warning', `${cause} turns off TLS verification`])
  return sources
}
