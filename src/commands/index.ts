import { cluster } from './cluster.ts'
import type { CommandSpec } from './command.ts'
import { destroy } from './destroy.ts'
import { explain } from './explain.ts'
import { federate, federateIssuers } from './federate.ts'
import { grant } from './grant.ts'
import { identity } from './identity.ts'
import { issuerCommands } from './issuer.ts'
import { permissions } from './permissions.ts'
import { plan } from './plan.ts'
import { sample } from './sample.ts'
import { sandboxReset, sandboxStart, sandboxStatus } from './sandbox.ts'
import { setUp } from './set-up.ts'
import { trust } from './trust.ts'
import { vault } from './vault.ts'
import { verify } from './verify.ts'
import { webhook } from './webhook.ts'

/** Every command, in the order of help and docs. */
export const commands: readonly CommandSpec[] = [
  setUp,
  plan,
  cluster,
  identity,
  federate,
  ...federateIssuers,
  ...issuerCommands,
  webhook,
  vault,
  grant,
  sample,
  verify,
  destroy,
  permissions,
  explain,
  trust,
  sandboxStart,
  sandboxStatus,
  sandboxReset,
]

/** First words of two-word commands, with their descriptions. */
export const commandGroups: Readonly<Record<string, string>> = {
  issuer: 'Publish the issuer of a cluster that has no public one, and rotate its keys',
  sandbox: 'Run the built-in Azure simulator for other programs, inspect or reset it',
}
