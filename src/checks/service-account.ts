import { check, fail, pass } from '../engine/check.ts'
import { isGuid } from '../settings/rules.ts'
import { clientIdKey, tenantIdKey } from '../steps/service-account.ts'
import { clusterAnswers } from './cluster.ts'

export interface Annotated {
  clientId: string
  tenantId: string
}

export const accountAnnotated = check<Annotated>()({
  code: 'WI205',
  title: 'The service account names its identity',
  link: 'service account',
  uses: ['namespace', 'serviceAccount', 'tenant'],
  needs: { api: clusterAnswers },
  async run({ settings, api, command }) {
    const { namespace, serviceAccount, tenant } = settings
    const mend = command('federate', 'namespace', 'serviceAccount')
    const found = await api.kube.get('ServiceAccount', serviceAccount, namespace)
    if (!found) return fail({ detail: `There is no service account ${namespace}/${serviceAccount}`, mend })
    const { [clientIdKey]: clientId, [tenantIdKey]: tenantId = tenant } = found.metadata.annotations ?? {}
    if (clientId === undefined)
      return fail({
        detail: `It has no annotation ${clientIdKey}`,
        is: '(none)',
        should: "the identity's client id",
        mend,
      })
    if (!isGuid(clientId))
      return fail({
        detail: `Its annotation ${clientIdKey} is no client id`,
        is: clientId,
        should: 'a client id (8-4-4-4-12 hexadecimal digits)',
        mend,
      })
    if (tenantId !== tenant)
      return fail({
        detail: `Its annotation ${tenantIdKey} names another tenant`,
        is: tenantId,
        should: tenant,
        mend,
      })
    return pass({ clientId, tenantId })
  },
})
