import type { AnyCheck } from '../engine/check.ts'
import { providersReady, rightsHeld } from './caller/azure-rights.ts'
import { graphOpen, mayRegister } from './caller/directory.ts'
import { canBeRead } from './caller/existing.ts'
import { chartRead, mayWrite } from './caller/in-cluster.ts'
import { noDeletedVault, regionFederates, vaultNameFree } from './caller/names.ts'
import { coresLeft } from './caller/quota.ts'
import { tenantFits } from './caller/sign-in.ts'
import { clocksRight } from './clock.ts'
import { clusterAnswers } from './cluster.ts'
import {
  audienceTrusted,
  caseKept,
  heldByThisOne,
  issuerTrusted,
  nameOfItsOwn,
  slashKept,
  subjectTrusted,
} from './credential.ts'
import { roomLeft } from './credential-room.ts'
import { entraAccepts } from './exchange.ts'
import { identityExists, principalExists } from './identity.ts'
import { namespaceSeen, podInjected, tenantInjected } from './injection.ts'
import { gotInFromInside } from './inside.ts'
import { documentsPublic, issuerIsPublic, tokenIssued } from './issuer.ts'
import { mayAsk } from './kubernetes-rights.ts'
import { sampleHandsBack } from './sample.ts'
import {
  accountAnnotated,
  accountOfItsOwn,
  lifetimeInRange,
  tenantIsTheIdentitys,
} from './service-account.ts'
import { networkLetsIn, secretInForce, secretRead, secretThere } from './vault.ts'
import { accessFits, policyGiven, roleGiven } from './vault-access.ts'
import { notDeleted, vaultExists } from './vault-there.ts'
import { certificateValid, webhookAlone, webhookHealthy } from './webhook.ts'
import { workloadRules, workloadsIn } from './workloads/checks.ts'

/** All checks along the chain, in the order in which they are shown. A new check is one line here. */
export const chain: readonly AnyCheck[] = [
  clusterAnswers,
  mayAsk,
  issuerIsPublic,
  accountAnnotated,
  tenantIsTheIdentitys,
  lifetimeInRange,
  accountOfItsOwn,
  tokenIssued,
  documentsPublic,
  clocksRight,
  identityExists,
  principalExists,
  roomLeft,
  slashKept,
  nameOfItsOwn,
  heldByThisOne,
  issuerTrusted,
  caseKept,
  subjectTrusted,
  audienceTrusted,
  entraAccepts,
  webhookHealthy,
  webhookAlone,
  certificateValid,
  namespaceSeen,
  tenantInjected,
  podInjected,
  notDeleted,
  vaultExists,
  accessFits,
  roleGiven,
  policyGiven,
  networkLetsIn,
  secretThere,
  secretRead,
  secretInForce,
  sampleHandsBack,
]

/** With `--pre`, before a set-up: whether it can go well. */
export const caller: readonly AnyCheck[] = [
  tenantFits,
  canBeRead,
  providersReady,
  rightsHeld,
  graphOpen,
  mayRegister,
  regionFederates,
  coresLeft,
  noDeletedVault,
  vaultNameFree,
  mayWrite,
  chartRead,
]

/** With `--in-cluster`: the same from inside, by a pod that is removed again. */
export const inside: readonly AnyCheck[] = [gotInFromInside]

export { posture } from './posture/index.ts'

/** How the workloads are written: what finds those that run, then a sentence for each fault. */
export const workloads: readonly AnyCheck[] = [workloadsIn('running'), ...workloadRules]
