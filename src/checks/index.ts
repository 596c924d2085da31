import type { AnyCheck } from '../engine/check.ts'
import { clusterAnswers } from './cluster.ts'
import { audienceTrusted, issuerTrusted, subjectTrusted } from './credential.ts'
import { entraAccepts } from './exchange.ts'
import { identityExists, principalExists } from './identity.ts'
import { gotInFromInside } from './inside.ts'
import { documentsPublic, issuerIsPublic, tokenIssued } from './issuer.ts'
import { sampleHandsBack } from './sample.ts'
import { accountAnnotated } from './service-account.ts'
import { identityMayRead, secretRead, vaultExists } from './vault.ts'
import { podInjected, webhookHealthy } from './webhook.ts'

/** All checks along the chain, in the order in which they are shown. A new check is one line here. */
export const chain: readonly AnyCheck[] = [
  clusterAnswers,
  issuerIsPublic,
  accountAnnotated,
  tokenIssued,
  documentsPublic,
  identityExists,
  principalExists,
  issuerTrusted,
  subjectTrusted,
  audienceTrusted,
  entraAccepts,
  webhookHealthy,
  podInjected,
  vaultExists,
  identityMayRead,
  secretRead,
  sampleHandsBack,
]

/** With `--in-cluster`: the same from inside, by a pod that is removed again. */
export const inside: readonly AnyCheck[] = [gotInFromInside]
