import type { AnyStep } from '../engine/step.ts'
import type { Settings } from '../settings/settings.ts'
import { usesVault } from '../settings/table.ts'
import { parseGrants } from '../targets/parse-grant.ts'
import { cluster } from './cluster.ts'
import { contextCluster } from './context-cluster.ts'
import { federatedCredential } from './federated-credential.ts'
import { grantAccess } from './grant-access.ts'
import { appRegistration } from './identity.ts'
import { managedIdentity } from './managed-identity.ts'
import { namespace } from './namespace.ts'
import { operatorAccess } from './operator-access.ts'
import { providers } from './providers.ts'
import { resourceGroup } from './resource-group.ts'
import { sample } from './sample.ts'
import { secret } from './secret.ts'
import { serviceAccount } from './service-account.ts'
import { servicePrincipal } from './service-principal.ts'
import { vault } from './vault.ts'
import { vaultAccess } from './vault-access.ts'
import { webhook } from './webhook.ts'

/** Returns what must exist with these settings, in the order of the plan. A new step is one line here. */
export const stepsFor = (
  settings: Partial<
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
    >
  >,
): AnyStep[] =>
  [
    providers,
    resourceGroup,
    settings.context === undefined && settings.kubeconfig === undefined ? cluster : contextCluster,
    settings.identityKind === 'managed' ? managedIdentity : appRegistration,
    servicePrincipal,
    federatedCredential,
    namespace,
    serviceAccount,
    settings.webhook !== 'none' && webhook,
    ...(usesVault(settings) ? [vault, vaultAccess, operatorAccess, secret] : []),
    ...parseGrants(settings.grants).map(grantAccess),
    usesVault(settings) &&
      settings.sample !== false &&
      settings.webhook !== 'none' &&
      (settings.os !== 'windows' || settings.sampleImage !== undefined) &&
      sample,
  ].filter((each) => each !== false) as AnyStep[]
