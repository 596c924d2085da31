import type { AnyCheck } from '../engine/check.ts'
import { parseGrant } from '../targets/parse-grant.ts'
import { storage } from '../targets/storage.ts'
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
import { notDenied } from './deny-assignment.ts'
import { grantChecks } from './grants.ts'
import { identityExists, principalExists } from './identity.ts'
import { boundIdentityAllowed, identityBound, podsOptIn } from './identity-binding.ts'
import { podProof } from './in-cluster/pod-proof.ts'
import { injectedTenant, namespaceSelected, podInjected } from './injection.ts'
import { issuerDocumentsPublished, issuerPublic, tokenIssued } from './issuer.ts'
import { publishedKeysCurrent } from './issuer-keys.ts'
import { jobCredentials, jobSubjectForm } from './job/credentials.ts'
import { jobIdentity, jobIssuerPublic } from './job/identity.ts'
import { jobToken, jobTokenExchange } from './job/token.ts'
import { clusterReadRights } from './kubernetes-rights.ts'
import { azureRights, providersRegistered } from './preflight/azure-rights.ts'
import { chartReadable, clusterWriteRights } from './preflight/cluster.ts'
import { canRegisterApplications, graphReachable } from './preflight/directory.ts'
import { existingResources } from './preflight/existing-resources.ts'
import { regionSupported, vaultNameAvailable, vaultNameNotReserved } from './preflight/names.ts'
import { policiesAllow } from './preflight/policies.ts'
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
import { certificatesVerified } from './tls.ts'
import { tokenExchange } from './token-exchange.ts'
import { vaultExists, vaultNotDeleted } from './vault.ts'
import { accessModelMatches, accessPolicySet, roleAssigned } from './vault-access.ts'
import { webhookCertificateValid, webhookInstalledOnce, webhookReady } from './webhook.ts'
import { workloadsFound } from './workloads/find-workloads.ts'
import { workloadRuleChecks } from './workloads/rule-checks.ts'

/** All checks of the chain from token issuer to secret, in display order. To add a check, add one line here. */
export const chainChecks: readonly AnyCheck[] = [
  clusterReachable,
  certificatesVerified,
  clusterReadRights,
  issuerPublic,
  accountAnnotated,
  tenantAnnotation,
  tokenLifetimeInRange,
  dedicatedAccount,
  tokenIssued,
  issuerDocumentsPublished,
  publishedKeysCurrent,
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
  identityBound,
  boundIdentityAllowed,
  podsOptIn,
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
  notDenied,
  roleAssigned,
  accessPolicySet,
  vaultNetworkAllows,
  secretEnabled,
  secretReadable,
  secretNotExpired,
  sampleReturnsSecret,
]

/** The checks of a grant, for documentation and to know their codes. */
export const grantCheckExamples: readonly AnyCheck[] = grantChecks(parseGrant(storage.example))

/** The same for a job outside a cluster. Those of identity and vault need only the workload's token, wherever it is from. */
export const jobChecks: readonly AnyCheck[] = [
  jobIssuerPublic,
  jobIdentity,
  principalExists,
  jobCredentials,
  jobSubjectForm,
  jobToken,
  jobTokenExchange,
  vaultNotDeleted,
  vaultExists,
  accessModelMatches,
  roleAssigned,
  accessPolicySet,
  vaultNetworkAllows,
  secretEnabled,
  secretReadable,
  secretNotExpired,
]

/** `verify --pre`: prerequisites of a set-up. */
export const preflightChecks: readonly AnyCheck[] = [
  signedInTenant,
  existingResources,
  providersRegistered,
  azureRights,
  graphReachable,
  canRegisterApplications,
  regionSupported,
  coreQuota,
  policiesAllow,
  vaultNameNotReserved,
  vaultNameAvailable,
  clusterWriteRights,
  chartReadable,
]

/** `verify --in-cluster`: a short-lived pod repeats the proof inside the cluster. */
export const inClusterChecks: readonly AnyCheck[] = [podProof]

export { postureChecks } from './posture/index.ts'

/** Checks of the running workloads: one that finds them, then one for each rule. */
export const workloadChecks: readonly AnyCheck[] = [workloadsFound('running'), ...workloadRuleChecks]

export { objectChecks } from './objects/object-checks.ts'
