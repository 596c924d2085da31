import type { AnyStep } from '../engine/step.ts'
import { requireJob } from '../issuers/index.ts'
import type { IssuerSettings } from '../issuers/issuer.ts'
import type { Settings } from '../settings/settings.ts'
import { usesVault } from '../settings/table.ts'
import { usesAks } from '../settings/uses-aks.ts'
import { parseGrants } from '../targets/parse-grant.ts'
import { cluster } from './cluster.ts'
import { contextCluster } from './context-cluster.ts'
import { federatedCredential } from './federated-credential.ts'
import { grantAccess } from './grant-access.ts'
import { appRegistration } from './identity.ts'
import { jobCredentials } from './job-credential.ts'
import { managedIdentity } from './managed-identity.ts'
import { namespace } from './namespace.ts'
import { operatorAccess } from './operator-access.ts'
import { providers } from './providers.ts'
import { resourceGroup } from './resource-group.ts'
import { sample } from './sample.ts'
import { secret } from './secret.ts'
import { serviceAccount } from './service-account.ts'
import { servicePrincipal } from './service-principal.ts'
import { storageSteps } from './storage.ts'
import { tokenIssuer } from './token-issuer.ts'
import { vault } from './vault.ts'
import { vaultAccess } from './vault-access.ts'
import { webhook } from './webhook.ts'

/** Returns what must exist with these settings, in the order of the plan. A new step is one line here. */
export const stepsFor = (
  settings: IssuerSettings &
    Partial<
      Pick<
        Settings,
        | 'context'
        | 'kubeconfig'
        | 'identityKind'
        | 'webhook'
        | 'sample'
        | 'os'
        | 'sampleImage'
        | 'vault'
        | 'grants'
        | 'createStorage'
      >
    >,
): AnyStep[] => {
  requireJob(settings)
  const isJob = settings.issuer !== undefined
  const storage = storageSteps(settings)
  const inCluster = (each: AnyStep | false) => !isJob && each
  return [
    providers,
    resourceGroup,
    isJob ? tokenIssuer : usesAks(settings) ? cluster : contextCluster,
    settings.identityKind === 'managed' ? managedIdentity : appRegistration,
    servicePrincipal,
    ...(isJob ? jobCredentials(settings) : [federatedCredential]),
    inCluster(namespace),
    inCluster(serviceAccount),
    inCluster(settings.webhook !== 'none' && webhook),
    ...(usesVault(settings) ? [vault, vaultAccess, operatorAccess, secret] : []),
    ...new Set([...storage.values()].flatMap(({ account, container }) => [account, container ?? false])),
    ...parseGrants(settings.grants).map((grant) => grantAccess(grant, storage.get(grant.text))),
    inCluster(
      usesVault(settings) &&
        settings.sample !== false &&
        settings.webhook !== 'none' &&
        (settings.os !== 'windows' || settings.sampleImage !== undefined) &&
        sample,
    ),
  ].filter((each) => each !== false) as AnyStep[]
}
