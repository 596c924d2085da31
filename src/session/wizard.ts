import { readValue } from '../settings/resolve.ts'
import type { KnownSettings, SettingName, Settings } from '../settings/settings.ts'
import { valuesOf } from '../settings/settings.ts'
import { flagOf, type SettingSpec, settingSpec, suggestVault } from '../settings/table.ts'
import type { Choice, Prompter } from '../ui/prompts.ts'
import type { Session } from './session.ts'

const fresh = Symbol('new')

/** Records an answer; it is stronger than the file, and weaker than what was said on the command line. */
function answer<Name extends SettingName>(
  known: KnownSettings,
  name: Name,
  value: Exclude<Settings[Name], undefined>,
): void {
  Object.assign(known, { [name]: { value, source: 'asked', from: 'asked' } })
}

const said = (known: KnownSettings, name: SettingName) =>
  ['flag', 'environment'].includes(known[name]?.source ?? '')

const validator = (option: SettingSpec) => (text: string) => {
  const read = readValue(option, text)
  return 'fault' in read ? `${JSON.stringify(text)} ${read.fault}` : true
}

/** Asks for a text setting, with its own rule while typing. */
async function askText(
  prompter: Prompter,
  known: KnownSettings,
  name: SettingName,
  message: string,
  suggestion?: string,
): Promise<string> {
  const option = settingSpec(name)
  const before = known[name]?.value ?? suggestion
  const text = await prompter.input({
    message,
    ...(before === undefined ? {} : { default: String(before) }),
    validate: validator(option),
  })
  const read = readValue(option, text)
  if (!('value' in read)) throw new Error(`unchecked answer for ${name}`)
  answer(known, name, read.value as never)
  return String(read.value)
}

/** A lookup for the sake of a list: where it is refused, one can still type. */
const orNone = async <T>(list: Promise<T[]>): Promise<T[]> => {
  try {
    return await list
  } catch {
    return []
  }
}

/** Asks for all that makes up the whole job; offers what exists. Returns the secret's value if one was typed. */
export async function wizard(
  session: Session,
  prompter: Prompter,
  say: (text: string) => void,
): Promise<string | undefined> {
  const { known, invocation } = session.given
  const file = invocation.globals.file ?? 'wi-setup.yaml'
  const saved = Object.values(known).some((entry) => entry?.source === 'file')
  const has = (...names: SettingName[]) => names.every((name) => known[name] !== undefined)
  if (
    saved &&
    has('resourceGroup', 'vault', 'namespace', 'serviceAccount') &&
    (has('cluster') || has('context'))
  ) {
    const { namespace, serviceAccount, cluster, context, vault } = valuesOf(known)
    if (
      await prompter.confirm({
        message: `Go on with the answers in ${file}: ${namespace}/${serviceAccount} on ${cluster ?? context}, vault ${vault}?`,
        default: true,
      })
    )
      return undefined
  }
  await askSubscription(session, prompter)
  const { clients } = session
  const caller = await clients.account.caller()
  say(`  signed in   ${caller.name}\n  tenant      ${caller.tenantId}\n\n`)
  await askCluster(session, prompter)
  await askWorkload(session, prompter)
  await askIdentity(session, prompter)
  await askVault(session, prompter)
  const value = await askSecret(session, prompter)
  say('\n')
  return value
}

async function askSubscription(session: Session, prompter: Prompter): Promise<void> {
  const { given, subscriptions, found } = session
  if (said(given.known, 'subscription') || found.subscription !== undefined || subscriptions.length < 2)
    return
  const id = await prompter.select({
    message: 'Subscription',
    choices: subscriptions.map(({ id, name }) => ({ value: id, name, description: id })),
  })
  session.choose(subscriptions.find((each) => each.id === id)!)
}

async function askCluster(
  { given: { known }, clients, found, contexts }: Session,
  prompter: Prompter,
): Promise<void> {
  if (said(known, 'cluster') || said(known, 'context') || said(known, 'kubeconfig')) return
  const [clusters, others] = await Promise.all([orNone(clients.aksClusters.list()), orNone(contexts())])
  const on = (yes: boolean) => (yes ? 'on' : 'off')
  const choices: Choice<string | typeof fresh>[] = [
    ...clusters.map((each) => ({
      value: each.id,
      name: each.name,
      description: `${each.group}, ${each.kubernetesVersion}, issuer ${on(each.issuerEnabled)}, workload identity ${on(each.workloadIdentity)}`,
    })),
    { value: fresh, name: 'new AKS cluster' },
    ...others.map((each) => ({
      value: `context:${each.name}`,
      name: each.name,
      description: `kubeconfig context, ${each.server}`,
    })),
  ]
  const picked = choices.length === 1 ? fresh : await prompter.select({ message: 'Cluster', choices })
  delete known.context
  const aks = clusters.find(({ id }) => id === picked)
  if (aks) {
    answer(known, 'cluster', aks.name)
    answer(known, 'clusterResourceGroup', aks.group)
    if (!said(known, 'resourceGroup')) answer(known, 'resourceGroup', aks.group)
    if (!said(known, 'location')) answer(known, 'location', aks.location)
    return
  }
  delete known.clusterResourceGroup
  await askGroup({ known, clients, found }, prompter)
  if (typeof picked === 'string') {
    delete known.cluster
    answer(known, 'context', picked.slice('context:'.length))
  } else await askText(prompter, known, 'cluster', 'New cluster', found.cluster ?? 'aks-demo')
}

async function askGroup(
  { known, clients, found }: { known: KnownSettings; clients: Session['clients']; found: Partial<Settings> },
  prompter: Prompter,
): Promise<void> {
  if (said(known, 'resourceGroup')) return
  const groups = await orNone(clients.groups.list())
  const picked = groups.length
    ? await prompter.select<string | typeof fresh>({
        message: 'Resource group',
        choices: [
          ...groups
            .filter(({ name }) => !name.startsWith('MC_'))
            .map(({ name, location }) => ({ value: name, name, description: location })),
          { value: fresh, name: 'new resource group' },
        ],
        ...(known.resourceGroup ? { default: known.resourceGroup.value } : {}),
      })
    : fresh
  const group = groups.find(({ name }) => name === picked)
  if (group) {
    answer(known, 'resourceGroup', group.name)
    if (!said(known, 'location')) answer(known, 'location', group.location)
    return
  }
  await askText(prompter, known, 'resourceGroup', 'New group', found.resourceGroup)
  if (said(known, 'location')) return
  const locations = await orNone(clients.account.locations())
  const before = known.location?.value ?? found.location
  if (locations.length === 0) return void (await askText(prompter, known, 'location', 'Location', before))
  const location = await prompter.select({
    message: 'Location',
    choices: locations.map(({ name, displayName }) => ({ value: name, name, description: displayName })),
    ...(before === undefined ? {} : { default: before }),
  })
  answer(known, 'location', location)
}

async function askWorkload({ given: { known } }: Session, prompter: Prompter): Promise<void> {
  for (const [name, message] of [
    ['namespace', 'Namespace'],
    ['serviceAccount', 'Service account'],
  ] as const)
    if (!said(known, name))
      await askText(prompter, known, name, message, settingSpec(name).default?.({}) as string)
}

async function askIdentity({ given: { known }, clients }: Session, prompter: Prompter): Promise<void> {
  if (said(known, 'identity') || said(known, 'identityKind')) return
  const name = settingSpec('identity').default!({ ...valuesOf(known) }) as string
  const existing = await orNone(clients.identities.list())
  const here = existing.filter(({ id }) =>
    id.toLowerCase().includes(`/resourcegroups/${known.resourceGroup?.value.toLowerCase()}/`),
  )
  const picked = await prompter.select<string>({
    message: 'Identity',
    choices: [
      {
        value: 'app',
        name: `app registration ${name}`,
        description: 'needs the right to register applications in Entra',
      },
      { value: 'managed', name: `managed identity ${name}`, description: 'needs only rights in Azure' },
      ...here
        .filter((each) => each.name !== name)
        .map((each) => ({
          value: `managed:${each.name}`,
          name: `managed identity ${each.name}`,
          description: 'exists',
        })),
    ],
    ...(known.identityKind ? { default: known.identityKind.value } : {}),
  })
  answer(known, 'identityKind', picked === 'app' ? 'app' : 'managed')
  if (picked.startsWith('managed:')) answer(known, 'identity', picked.slice('managed:'.length))
  else if (known.identity?.source !== 'file') answer(known, 'identity', name)
}

async function askVault({ given: { known }, clients, found }: Session, prompter: Prompter): Promise<void> {
  if (said(known, 'vault')) return
  const vaults = await orNone(clients.vaults.list())
  const subscription = known.subscription?.value ?? found.subscription ?? ''
  const suggestion = known.vault?.value ?? suggestVault(subscription, `${known.namespace?.value}`)
  const picked = vaults.length
    ? await prompter.select<string | typeof fresh>({
        message: 'Vault',
        choices: [
          ...vaults.map((each) => ({
            value: each.name,
            name: each.name,
            description: `${each.group}, ${each.access === 'rbac' ? 'RBAC' : 'access policies'}`,
          })),
          { value: fresh, name: 'new vault' },
        ],
        ...(known.vault ? { default: known.vault.value } : {}),
      })
    : fresh
  const vault = vaults.find(({ name }) => name === picked)
  delete known.vaultResourceGroup
  if (vault) {
    answer(known, 'vault', vault.name)
    answer(known, 'vaultResourceGroup', vault.group)
  } else await askText(prompter, known, 'vault', 'New vault', suggestion)
}

async function askSecret({ given: { known } }: Session, prompter: Prompter): Promise<string | undefined> {
  if (!said(known, 'secret'))
    await askText(prompter, known, 'secret', 'Secret', settingSpec('secret').default?.({}) as string)
  const typed = await prompter.password({
    message: 'Value (hidden; Enter: as it is, or random)',
  })
  return typed === '' ? undefined : typed
}

/** Asks for just these settings. */
export async function askFor(
  options: readonly SettingSpec[],
  session: Session,
  prompter: Prompter,
): Promise<void> {
  const { known } = session.given
  for (const option of options) {
    if (option.name === 'subscription') await askSubscription(session, prompter)
    else if (option.choices)
      answer(
        known,
        option.name,
        (await prompter.select({
          message: option.description,
          choices: option.choices.map((value) => ({ value, name: value })),
        })) as never,
      )
    else
      await askText(
        prompter,
        known,
        option.name,
        `${flagOf(option.name)}: the ${option.description}`,
        session.found[option.name] as string | undefined,
      )
  }
}
