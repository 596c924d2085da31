import { ActionRequiredError } from '../base/action-required.ts'
import { az, instruction, type Remedy } from '../base/command.ts'
import type { Clients } from '../clients/clients.ts'
import type { NewResource, PolicyDenial } from '../clients/policies.ts'
import { ServiceError } from '../clients/service-error.ts'
import type { Settings } from '../settings/settings.ts'
import { knownOutputs, needsOf, type Plan, stepById } from './plan.ts'
import type { Run } from './run.ts'
import type { AnyStep, PlannedResource } from './step.ts'

/** A new resource that a policy denies. */
export interface Denied {
  /** As the plan names it: `vault`. */
  title: string
  resource: NewResource
  denial: PolicyDenial
}

/** Throws before the first write if Azure Policy would deny a resource that the plan creates. */
export async function requirePolicies(steps: readonly AnyStep[], plan: Plan, run: Run): Promise<void> {
  const outputs = (id: string) => knownOutputs(plan.items.find((item) => item.id === id)?.inspection)
  const planned = plan.items.flatMap(({ id, title, action }) => {
    const step = stepById(steps, id)
    const resource =
      action === 'create' ? step.newResource?.(run.settings, needsOf(step, outputs) as never) : undefined
    return resource ? [{ title, resource }] : []
  })
  const denied = await findDenied(planned, run.settings, run.clients)
  if (denied.length === 0) return
  const lines = denied.map((each) => `  ${deniedText(each)}`)
  throw new ActionRequiredError(
    `Azure Policy does not allow what the plan creates; nothing was changed\n${lines.join('\n')}`,
    policyRemedy(denied),
  )
}

type Names = Pick<Settings, 'subscription' | 'location'>
type PolicyClients = Pick<Clients, 'inSubscription' | 'policies'>

/** Returns which of the new resources Azure Policy denies, as far as the caller may ask. */
export async function findDenied(
  planned: readonly { title: string; resource: PlannedResource }[],
  settings: Names,
  clients: PolicyClients,
): Promise<Denied[]> {
  const denied = await Promise.all(
    planned.map(async ({ title, resource }) =>
      (await denialsOf(resource, settings, clients)).map((each) => ({ title, ...each })),
    ),
  )
  return denied.flat()
}

async function denialsOf(
  planned: PlannedResource,
  settings: Names,
  clients: PolicyClients,
): Promise<Omit<Denied, 'title'>[]> {
  const { group, subscription = settings.subscription, ...rest } = planned
  const at = `/subscriptions/${subscription}`
  try {
    const exists = group !== undefined && (await clients.inSubscription(subscription).groups.get(group))
    const resource: NewResource = {
      ...rest,
      scope: exists ? `${at}/resourceGroups/${group}` : at,
      ...('location' in planned ? { location: planned.location ?? settings.location } : {}),
    } as NewResource
    return (await clients.policies.denials(resource)).map((denial) => ({ resource, denial }))
  } catch (error) {
    // This only warns early: without the right to ask, or where the provider is not registered, the write itself tells.
    if (error instanceof ServiceError) return []
    throw error
  }
}

const shown = (value: unknown): string =>
  Array.isArray(value)
    ? value.map(String).join(', ') || '(none)'
    : value === undefined
      ? '(none)'
      : String(value)

/** Returns `: location is westeurope, allowed: eastus, westus`. */
function comparisonText({ comparisons }: PolicyDenial): string {
  const texts = comparisons.map(({ field, is, operator, target }) =>
    /^notin$/i.test(operator)
      ? `${field} is ${shown(is)}, allowed: ${shown(target)}`
      : /^exists$/i.test(operator)
        ? `${field} is ${shown(is)}`
        : `${field} is ${shown(is)} (${operator} ${shown(target)})`,
  )
  return texts.length ? `: ${texts.join('; ')}` : ''
}

/** Returns `vault kv-shop: policy "…": location is westeurope, allowed: eastus`. */
export const deniedText = ({ title, resource, denial }: Denied): string =>
  `${title} ${resource.name}: policy "${denial.title}"${comparisonText(denial)}`

const credentialType = /\/federatedIdentityCredentials$/i

/** Returns what the user can do about the first of them. */
export function policyRemedy(denied: readonly Denied[]): Remedy {
  const [{ title, resource, denial }] = denied as [Denied]
  const fields = denied.flatMap(({ denial: { comparisons } }) => comparisons)
  const location = fields.find(({ field }) => field === 'location')
  if (location && Array.isArray(location.target) && location.target.length)
    return instruction`Choose an allowed region with ${{ args: ['--location', String(location.target[0])] }}`
  const tag = fields.map(({ field }) => /^tags\[(.+)\]$/.exec(field)?.[1]).find((name) => name !== undefined)
  if (tag !== undefined && /\/resourceGroups$/i.test(resource.type))
    return instruction`Create the resource group with its tag, then run the same command again: ${az('group create', { name: resource.name, location: resource.location!, tags: `${tag}=…` })}`
  if (tag !== undefined)
    return `Create the ${title} ${resource.name} with the tag ${tag} yourself, then run the same command again, which uses it`
  if (credentialType.test(resource.type))
    return instruction`Use an app registration, to which the policy does not apply: ${{ args: ['--identity-kind', 'app'] }}; or ask the policy's owner to allow the issuer`
  const [scope = '', name = ''] = denial.assignmentId.split(
    /\/providers\/Microsoft\.Authorization\/policyAssignments\//i,
  )
  return instruction`Show what the policy requires: ${az('policy assignment show', { name, scope })}`
}
