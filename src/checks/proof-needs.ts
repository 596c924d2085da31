import { clusterReadRights } from './kubernetes-rights.ts'
import { accountAnnotated } from './service-account.ts'

/** What a check of the cluster needs besides its own, so that the workload's requests can overrule it. */
export const proofNeeds = { api: clusterReadRights, account: accountAnnotated }
