import { parseResourceId } from '../../clients/azure/resource-id.ts'
import type { SubscriptionClients } from '../../clients/clients.ts'
import { listInSubscriptions } from '../../clients/find-in-subscriptions.ts'
import { subscriptionOf } from '../../settings/resource-ids.ts'
import type { Prompter } from '../../ui/prompts.ts'
import type { Session } from '../session.ts'
import { isGiven, listOrEmpty, setAnswer } from './answers.ts'

type Part = keyof typeof subscriptionOf

/** Returns the ID of the main subscription; undefined before it is chosen. */
export const mainSubscription = ({ known, found }: Session): string | undefined =>
  found.subscription ?? known.subscription?.value

/** Asks for the main subscription if there are several and none is set. */
export async function askSubscription(session: Session, prompter: Prompter): Promise<void> {
  const { subscriptions } = session
  if (mainSubscription(session) !== undefined || subscriptions.length < 2) return
  const id = await prompter.select({
    message: 'Subscription',
    choices: subscriptions.map(({ id, name }) => ({ value: id, name, description: id })),
  })
  session.useSubscription(subscriptions.find((each) => each.id === id)!)
}

/** A resource, and its subscription's name if that isn't the main one. */
export type Listed<T> = T & { subscription: string; elsewhere: string | undefined }

/** Returns the resources for a part in all subscriptions of the caller, or in the one that is set for it. */
export async function listEverywhere<T extends { id: string }>(
  session: Session,
  part: Part,
  list: (services: SubscriptionClients) => Promise<T[]>,
): Promise<Listed<T>[]> {
  const { clients, known } = session
  const name = subscriptionOf[part]
  const set = isGiven(known, name) ? known[name]?.value : undefined
  const main = mainSubscription(session)
  const read = (services: SubscriptionClients) => listOrEmpty(list(services))
  const found =
    set === undefined
      ? await listOrEmpty(listInSubscriptions(clients, main, read))
      : await read(clients.inSubscription(set))
  const own = session.subscriptions
  const all = own.length ? own : await listOrEmpty(clients.azureAccount.subscriptions())
  return found.map((each) => {
    const { subscription } = parseResourceId(each.id)
    const named = all.find(({ id }) => id === subscription)?.name ?? subscription
    return { ...each, subscription, elsewhere: subscription === main ? undefined : named }
  })
}

/** Returns the group of a resource, with the subscription if that isn't the main one. */
export const placeOf = ({ group, elsewhere }: Listed<{ group: string }>): string =>
  elsewhere === undefined ? group : `${group} of ${elsewhere}`

/** Records where the part is; of a new one (undefined), that it is in the main subscription. */
export function setPartSubscription(
  session: Session,
  part: Part,
  chosen: Pick<Listed<unknown>, 'subscription'> | undefined,
): void {
  const { known } = session
  const name = subscriptionOf[part]
  if (isGiven(known, name)) return
  delete known[name]
  if (chosen && chosen.subscription !== mainSubscription(session)) setAnswer(known, name, chosen.subscription)
}
