import type { AnyCheck } from '../engine/check.ts'
import { clocksInSync } from './clock.ts'
import { clusterReachable } from './cluster.ts'
import {
  audienceMatches,
  credentialNotOverwritten,
  credentialOnIdentity,
  issuerTrailingSlash,
  issuerTrusted,
  subjectCase,
  subjectMatches,
} from './credential.ts'
import { credentialLimit } from './credential-limit.ts'
import { identityExists, principalExists } from './identity.ts'
import { podProof } from './in-cluster/pod-proof.ts'
import { injectedTenant, namespaceSelected, podInjected } from './injection.ts'
import { issuerDocumentsPublished, issuerPublic, tokenIssued } from './issuer.ts'
import { clusterReadRights } from './kubernetes-rights.ts'
import { azureRights, providersRegistered } from './preflight/azure-rights.ts'
import { chartReadable, clusterWriteRights } from './preflight/cluster.ts'
import { canRegisterApplications, graphReachable } from './preflight/directory.ts'
import { existingResources } from './preflight/existing-resources.ts'
import { regionSupported, vaultNameAvailable, vaultNameNotReserved } from './preflight/names.ts'
import { coreQuota } from './preflight/quota.ts'
import { signedInTenant } from './preflight/sign-in.ts'
import { sampleReturnsSecret } from './sample.ts'
import { secretEnabled, secretNotExpired, secretReadable, vaultNetworkAllows } from './secret.ts'
import {
  accountAnnotated,
  dedicatedAccount,
  tenantAnnotation,
  tokenLifetimeInRange,
} from './service-account.ts'
import { tokenExchange } from './token-exchange.ts'
import { vaultExists, vaultNotDeleted } from './vault.ts'
import { accessModelMatches, accessPolicySet, roleAssigned } from './vault-access.ts'
import { webhookCertificateValid, webhookInstalledOnce, webhookReady } from './webhook.ts'
import { workloadRuleChecks, workloadsFound } from './workloads/checks.ts'

/** All checks along the chain, in the order in which they are shown. A new check is one line here. */
export const chainChecks: readonly AnyCheck[] = [
  clusterReachable,
  clusterReadRights,
  issuerPublic,
  accountAnnotated,
  tenantAnnotation,
  tokenLifetimeInRange,
  dedicatedAccount,
  tokenIssued,
  issuerDocumentsPublished,
  clocksInSync,
  identityExists,
  principalExists,
  credentialLimit,
  issuerTrailingSlash,
  credentialNotOverwritten,
  credentialOnIdentity,
  issuerTrusted,
  subjectCase,
  subjectMatches,
  audienceMatches,
  tokenExchange,
  webhookReady,
  webhookInstalledOnce,
  webhookCertificateValid,
  namespaceSelected,
  injectedTenant,
  podInjected,
  vaultNotDeleted,
  vaultExists,
  accessModelMatches,
  roleAssigned,
  accessPolicySet,
  vaultNetworkAllows,
  secretEnabled,
  secretReadable,
  secretNotExpired,
  sampleReturnsSecret,
]

/** With `--pre`, before a set-up: whether it can go well. */
export const preflightChecks: readonly AnyCheck[] = [
  signedInTenant,
  existingResources,
  providersRegistered,
  azureRights,
  graphReachable,
  canRegisterApplications,
  regionSupported,
  coreQuota,
  vaultNameNotReserved,
  vaultNameAvailable,
  clusterWriteRights,
  chartReadable,
]

/** With `--in-cluster`: the same from inside, by a pod that is removed again. */
export const inClusterChecks: readonly AnyCheck[] = [podProof]

export { postureChecks } from './posture/index.ts'

/** How the workloads are written: what finds those that run, then a sentence for each fault. */
export const workloadChecks: readonly AnyCheck[] = [workloadsFound('running'), ...workloadRuleChecks]
