import type { SandboxSession } from '../../sandbox/index.ts'
import { type Host, sandboxFolder } from '../base/host.ts'
import type { Subscription } from '../clients/account.ts'
import { type Clients, withPartSubscriptions } from '../clients/clients.ts'
import { type Cloud, clouds } from '../clients/cloud.ts'
import type { TraceEvent } from '../clients/http-attempt.ts'
import type { KubeContext } from '../clients/kube/kubeconfig.ts'
import { makeReadCache, shareReads } from '../engine/read-cache.ts'
import type { Run } from '../engine/run.ts'
import type { GeneralOptions } from '../settings/general.ts'
import { withDefaults } from '../settings/resolve.ts'
import { type KnownSettings, type Settings, valuesOf } from '../settings/settings.ts'
import { settingSpec, suggestVault } from '../settings/table.ts'
import { sanitizeLine } from '../ui/text.ts'
import { openSandbox } from './open-sandbox.ts'
import { findSubscription, namedSubscriptions, type SubscriptionChoice } from './subscription.ts'

/** A connection to a cloud, with the caller signed in. */
export interface Session {
  cloud: Cloud
  isSandbox: boolean
  clients: Clients
  reads: Pick<Run, 'once' | 'forgetReads'>
  /** Values from flags, variables, the file and prompts; prompts add to them. */
  known: KnownSettings
  /** Values found in Azure for settings that are not set; in the sandbox, generated names. */
  found: Partial<Settings>
  /** Subscriptions of the caller; empty if they didn't have to be listed. */
  subscriptions: Subscription[]
  /** Uses this subscription from now on. */
  useSubscription(subscription: Subscription): void
  /** Makes `clients` use the subscriptions of cluster, identity and vault that are known by now. */
  usePartSubscriptions(): void
  /** Returns the contexts of the kubeconfig that kubectl would use. */
  contexts(): Promise<KubeContext[]>
  close(): Promise<void>
}

export interface SessionOptions {
  host: Host
  known: KnownSettings
  options: Pick<GeneralOptions, 'sandbox' | 'cloud' | 'pace' | 'debug'>
  signal: AbortSignal
  onRequest?: ((event: TraceEvent) => void) | undefined
  /** The command needs no subscription: none is looked up. */
  withoutAzure?: boolean | undefined
  /** Shows the message of a device code sign-in; undefined if no prompt is possible. */
  showDeviceCode?: ((message: string) => void) | undefined
}

/** Signs in and finds the subscription. Starts the sandbox, or joins the running one, if that is the cloud. */
export async function openSession(session: SessionOptions): Promise<Session> {
  const { host, options } = session
  const sandbox = options.sandbox ? await openSandbox(sandboxFolder(host), { pace: options.pace }) : undefined
  try {
    return await connectSession(session, sandbox)
  } catch (error) {
    await sandbox?.close()
    throw error
  }
}

async function connectSession(session: SessionOptions, sandbox?: SandboxSession): Promise<Session> {
  const { host, known, options, signal } = session
  const [{ makeHttp }, { loadAhead }, { makeCredential }, { connect }, { fetchCloud }] = await Promise.all([
    import('../clients/http.ts'),
    import('../clients/load-ahead.ts'),
    import('../clients/credential.ts'),
    import('../clients/connect.ts'),
    import('../clients/metadata.ts'),
  ])
  const trace = traceOf(session)
  const http = makeHttp({
    ...(sandbox ? { ca: sandbox.ca, pace: options.pace } : {}),
    ...(trace ? { trace } : {}),
    sent: () => void loadAhead(signal),
  })
  const arm = sandbox?.arm ?? options.cloud!
  const cloud = Object.hasOwn(clouds, arm)
    ? clouds[arm as keyof typeof clouds]
    : await fetchCloud({ arm, authorityHost: host.env.AZURE_AUTHORITY_HOST, http, signal })
  const credential = makeCredential({
    cloud,
    tenantId: known.tenant?.value ?? sandbox?.tenantId,
    env: host.env,
    http,
    signal,
    deviceCode: session.showDeviceCode,
    explicit: sandbox && { tenantId: sandbox.tenantId, ...sandbox.operator },
  })
  const connection = { cloud, credential, http, env: host.env, signal }
  const ofSandbox = sandbox && sandboxSubscription(known, sandbox)
  const { subscriptions, found } = session.withoutAzure
    ? { subscriptions: [], found: {} }
    : ofSandbox && !namedSubscriptions(known).length
      ? ofSandbox
      : await findSubscription(known, () => connect(connection).azureAccount.subscriptions())
  Object.assign(found, ofSandbox?.found)
  if (sandbox) Object.assign(found, sandboxNames(known, sandbox))
  const reads = makeReadCache()
  const clientsFor = (subscription: string | undefined) =>
    shareReads(connect({ ...connection, subscription }), reads)
  const inParts = (clients: Clients) => withPartSubscriptions(clients, valuesOf(withDefaults(known, found)))
  const opened: Session = {
    cloud,
    isSandbox: sandbox !== undefined,
    clients: inParts(clientsFor(found.subscription ?? known.subscription?.value)),
    reads,
    known,
    found,
    subscriptions,
    useSubscription({ id, tenantId }) {
      Object.assign(found, { subscription: id, tenant: tenantId })
      opened.clients = inParts(clientsFor(id))
    },
    usePartSubscriptions() {
      opened.clients = inParts(opened.clients)
    },
    async contexts() {
      if (sandbox) return []
      const { listContexts } = await import('../clients/kube/kubeconfig.ts')
      return listContexts(known.kubeconfig?.value, host.env)
    },
    close: async () => sandbox?.close(!signal.aborted),
  }
  return opened
}

function traceOf({ host, options, onRequest }: SessionOptions) {
  if (!options.debug) return onRequest
  return (event: TraceEvent) => {
    onRequest?.(event)
    const { method, url, status, failure, ms, requestId = '' } = event
    host.stderr.write(
      `debug: ${sanitizeLine(`${method} ${url} ${status ?? failure} ${ms} ms ${requestId}`)}\n`,
    )
  }
}

/** Returns the sandbox's subscription, unless the user asks for another one. */
function sandboxSubscription(
  known: KnownSettings,
  { subscriptionId, tenantId }: SandboxSession,
): SubscriptionChoice | undefined {
  const requested = known.subscription?.value
  if (requested !== undefined && requested !== subscriptionId) return undefined
  return { subscriptions: [], found: { subscription: subscriptionId, tenant: tenantId } }
}

/** Returns names for a first try in the sandbox, so that it needs no settings. */
function sandboxNames(known: KnownSettings, sandbox: SandboxSession): Partial<Settings> {
  const namespace = known.namespace?.value
  // The default namespace counts as unset even if it was saved: the second run must find the names of the first.
  const isDefault = namespace === undefined || namespace === settingSpec('namespace').default?.({})
  const stem = isDefault ? 'demo' : namespace
  const issuerHost = sandbox.issuerHosts[known.issuer?.value ?? '']
  return {
    ...(issuerHost === undefined ? {} : { issuerHost }),
    location: 'westeurope',
    resourceGroup: `rg-${stem}`,
    cluster: `aks-${stem}`.slice(0, 63),
    vault: suggestVault(sandbox.subscriptionId, stem),
  }
}
