import type { Choice, Prompter } from '../../ui/prompts.ts'
import type { Session } from '../session.ts'
import { askText, createNew, isGiven, listOrEmpty, setAnswer } from './answers.ts'
import {
  askSubscription,
  listEverywhere,
  mainSubscription,
  placeOf,
  setPartSubscription,
} from './subscriptions.ts'

/**
 * Asks for an AKS cluster, a new one or a kubeconfig context, and for subscription and resource group if the cluster
 * doesn't determine them.
 */
export async function askCluster(session: Session, prompter: Prompter): Promise<void> {
  const { known, found } = session
  if (isGiven(known, 'cluster') || isGiven(known, 'context') || isGiven(known, 'kubeconfig'))
    return askSubscription(session, prompter)
  const [clusters, contexts] = await Promise.all([
    listEverywhere(session, 'cluster', ({ aksClusters }) => aksClusters.list()),
    listOrEmpty(session.contexts()),
  ])
  const onOff = (on: boolean) => (on ? 'on' : 'off')
  const choices: Choice<string | typeof createNew>[] = [
    ...clusters.map((each) => ({
      value: each.id,
      name: each.name,
      description: `${placeOf(each)}, ${each.kubernetesVersion}, OIDC issuer ${onOff(each.issuerEnabled)}, workload identity ${onOff(each.workloadIdentity)}`,
    })),
    { value: createNew, name: 'new AKS cluster' },
    ...contexts.map((each) => ({
      value: `context:${each.name}`,
      name: each.name,
      description: `kubeconfig context, ${each.server}`,
    })),
  ]
  const choice = choices.length === 1 ? createNew : await prompter.select({ message: 'Cluster', choices })
  delete known.context
  const aks = clusters.find(({ id }) => id === choice)
  if (aks) {
    const main = session.subscriptions.find(({ id }) => id === aks.subscription)
    if (main && mainSubscription(session) === undefined) session.useSubscription(main)
    setAnswer(known, 'cluster', aks.name)
    setAnswer(known, 'clusterResourceGroup', aks.group)
    setPartSubscription(session, 'cluster', aks)
    if (aks.subscription !== mainSubscription(session)) return askResourceGroup(session, prompter)
    if (!isGiven(known, 'resourceGroup')) setAnswer(known, 'resourceGroup', aks.group)
    if (!isGiven(known, 'location')) setAnswer(known, 'location', aks.location)
    return
  }
  delete known.clusterResourceGroup
  setPartSubscription(session, 'cluster', undefined)
  await askSubscription(session, prompter)
  await askResourceGroup(session, prompter)
  if (typeof choice === 'string') {
    delete known.cluster
    setAnswer(known, 'context', choice.slice('context:'.length))
  } else await askText(prompter, known, 'cluster', 'New cluster', found.cluster ?? 'aks-demo')
}

async function askResourceGroup(session: Session, prompter: Prompter): Promise<void> {
  const { known, clients, found } = session
  if (isGiven(known, 'resourceGroup')) return
  const groups = await listOrEmpty(clients.groups.list())
  const choice = groups.length
    ? await prompter.select<string | typeof createNew>({
        message: 'Resource group',
        choices: [
          // AKS keeps the nodes of its clusters in separate groups, named MC_….
          ...groups
            .filter(({ name }) => !name.startsWith('MC_'))
            .map(({ name, location }) => ({ value: name, name, description: location })),
          { value: createNew, name: 'new resource group' },
        ],
        ...(known.resourceGroup ? { default: known.resourceGroup.value } : {}),
      })
    : createNew
  const group = groups.find(({ name }) => name === choice)
  if (group) {
    setAnswer(known, 'resourceGroup', group.name)
    if (!isGiven(known, 'location')) setAnswer(known, 'location', group.location)
    return
  }
  await askText(prompter, known, 'resourceGroup', 'New resource group', found.resourceGroup)
  if (!isGiven(known, 'location')) await askLocation(session, prompter)
}

async function askLocation({ known, clients, found }: Session, prompter: Prompter): Promise<void> {
  const locations = await listOrEmpty(clients.azureAccount.locations())
  const preset = known.location?.value ?? found.location
  if (locations.length === 0) return askText(prompter, known, 'location', 'Location', preset)
  const location = await prompter.select({
    message: 'Location',
    choices: locations.map(({ name, displayName }) => ({ value: name, name, description: displayName })),
    ...(preset === undefined ? {} : { default: preset }),
  })
  setAnswer(known, 'location', location)
}
