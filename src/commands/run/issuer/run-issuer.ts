import { resolve } from 'node:path'
import { ActionRequiredError } from '../../../base/action-required.ts'
import { type Script, withArgs } from '../../../base/command.ts'
import { readFileLimited } from '../../../base/read-limited.ts'
import { readLimits } from '../../../base/read-limits.ts'
import { UsageError } from '../../../base/usage-error.ts'
import type { Kubernetes, PublicKey } from '../../../clients/kubernetes.ts'
import {
  apiServerFlags,
  type FlagSection,
  type FlagTarget,
  rotationSteps,
} from '../../../issuers/api-server-flags.ts'
import { type Distribution, distributionOf } from '../../../issuers/distributions.ts'
import { keyOfPem } from '../../../issuers/documents.ts'
import { publishRemedy } from '../../../issuers/publish-remedy.ts'
import type { Invocation } from '../../../session/invocation.ts'
import { type CommandRun, runCommand } from '../../../session/run-command.ts'
import type { Destination } from './destination.ts'
import { type KeyMode, planDocuments, requireRead } from './documents.ts'
import { folderDestination } from './folder.ts'
import { type AccountPlace, flagTargetOf, type IssuerFlags, type Place, placeOf } from './issuer-flags.ts'
import { showPlan, showResult } from './output.ts'
import { websiteDestination } from './website.ts'

type Operation = 'publish' | 'rotate'

/** Runs `issuer publish` or `issuer rotate`. */
export async function runIssuer(
  invocation: Invocation,
  operation: Operation,
  flags: IssuerFlags,
): Promise<number> {
  const place = placeOf(flags)
  const target = flagTargetOf(flags.for)
  if (flags.publicKey !== undefined && flags.removeOld)
    throw new UsageError("--public-key can't be combined with --remove-old: add the new key first")
  const newKey = flags.publicKey === undefined ? undefined : await readPublicKey(invocation, flags.publicKey)
  const mode: KeyMode = operation === 'publish' ? 'publish' : flags.removeOld ? 'remove-old' : 'keep-old'
  // Fails before any request.
  const folder =
    place.kind === 'folder' ? folderDestination({ ...place, cwd: invocation.host.cwd }) : undefined
  return runCommand(
    invocation,
    {
      documentName: `issuer ${operation}`,
      withoutAzure: folder !== undefined,
      uses: () => [
        ...(folder ? [] : (['subscription'] as const)),
        ...(flags.create ? (['resourceGroup', 'location'] as const) : []),
        'kubeconfig',
        'context',
      ],
    },
    (context) =>
      publish(invocation, context, {
        operation,
        place,
        folder,
        target,
        newKey,
        mode,
        create: flags.create === true,
      }),
  )
}

interface PublishOptions {
  operation: Operation
  place: Place
  folder: Destination | undefined
  target: FlagTarget | undefined
  newKey: PublicKey | undefined
  mode: KeyMode
  create: boolean
}

async function publish(
  invocation: Invocation,
  context: CommandRun,
  { operation, place, folder, target, newKey, mode, create }: PublishOptions,
): Promise<number> {
  const { settings, session, canAsk } = context
  const { options } = invocation
  const kube = session.clients.kubernetes({
    kind: 'kubeconfig',
    path: settings.kubeconfig,
    context: settings.context,
  })
  const cluster = await readCluster(kube)
  requireOwnIssuer(cluster.distribution, context.printer.command('issuer publish'))
  const destination = folder ?? (await websiteDestination(context, { ...(place as AccountPlace), create }))
  const documents = () => planDocuments(destination, { keys: cluster.keys, newKey, mode })
  let changes = await documents()
  const sections = sectionsFor(cluster, destination, target ?? flagTargetOfDistribution(cluster.distribution))
  const lines = { destination, changes, distribution: cluster.distribution }
  showPlan(context, lines)
  const total =
    destination.changes.length + changes.documents.filter(({ action }) => action !== 'keep').length
  if (total > 0 && !options.dryRun) {
    if (!options.yes && !(await confirm(context, canAsk))) return 1
    await destination.prepare()
    // The address of a new website is known only now.
    if (destination.changes.length) changes = await documents()
    for (const { action, path, file } of changes.documents)
      if (action !== 'keep') await destination.write(path, file)
  }
  const repeat = (...args: string[]) => commandFor(context, place, args)
  showResult(invocation, context, {
    ...lines,
    operation,
    changes,
    written: options.dryRun ? 0 : total,
    sections:
      operation === 'publish'
        ? sections()
        : mode === 'remove-old'
          ? []
          : rotationSteps(target ?? flagTargetOfDistribution(cluster.distribution), {
              publish: repeat('--public-key', 'sa-new.pub'),
              removeOld: repeat('--remove-old'),
            }),
  })
  return 0
}

async function confirm({ screen }: CommandRun, canAsk: boolean): Promise<boolean> {
  if (!canAsk)
    throw new UsageError("Can't ask for confirmation: no terminal\n  review the plan, then pass --yes")
  if (await screen.confirm('Publish these documents')) return true
  screen.say('Nothing was changed.')
  return false
}

/** Returns `issuer rotate` for the same place. */
function commandFor({ printer }: CommandRun, place: Place, args: readonly string[]): Script {
  const where =
    place.kind === 'folder' ? ['--to', place.path, '--url', place.url] : ['--storage-account', place.name]
  const url = place.kind === 'account' && place.url !== undefined ? ['--url', place.url] : []
  return withArgs(printer.command('issuer rotate', 'kubeconfig', 'context'), ...where, ...url, ...args)
}

async function readCluster(kube: Kubernetes) {
  const [issuer, keys, distribution] = await Promise.all([kube.issuer(), kube.keys(), distributionOf(kube)])
  return {
    issuer: requireRead(issuer, '/.well-known/openid-configuration'),
    keys: requireRead(keys, '/openid/v1/jwks'),
    distribution,
  }
}

/** Throws if the cloud publishes the issuer: another one can't be set there. */
function requireOwnIssuer(distribution: Distribution, publish: Script): void {
  if (distribution.publisher === 'own') return
  throw new ActionRequiredError(
    `This is a cluster of ${distribution.title}: ${distribution.note}, and its API server takes no other`,
    publishRemedy(distribution, publish),
  )
}

const flagTargetOfDistribution = ({ name }: Distribution): FlagTarget =>
  name === 'aks' || name === 'eks' || name === 'gke' || name === 'arc' ? 'other' : name

const sectionsFor =
  (cluster: { issuer: string }, destination: Destination, target: FlagTarget) =>
  (): readonly FlagSection[] => {
    const { issuer } = destination
    return apiServerFlags(target, { issuer, former: cluster.issuer === issuer ? undefined : cluster.issuer })
  }

async function readPublicKey({ host }: Invocation, path: string): Promise<PublicKey> {
  const fault = (why: string) => new UsageError(`--public-key ${JSON.stringify(path)} ${why}`)
  try {
    return keyOfPem((await readFileLimited(resolve(host.cwd, path), readLimits.configFile)).toString('utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw fault('does not exist')
    throw fault(/^(is|contains) /.test(message) ? message : `is not a public key in PEM format (${message})`)
  }
}
