import { kubectl, withFlag } from '../base/command.ts'
import { check, fail, pass, warn } from '../engine/check.ts'
import { clientIdKey, tenantIdKey } from '../steps/service-account.ts'
import { clusterReadRights } from './kubernetes-rights.ts'
import { byExchange, type WorkloadSource } from './proof.ts'

export interface AccountAnnotations extends WorkloadSource {
  annotations: Record<string, string>
}

export const accountAnnotated = check<AccountAnnotations>()({
  code: 'WI205',
  title: 'The service account has a client ID annotation',
  link: 'service account',
  uses: ['namespace', 'serviceAccount', 'tenant', 'audience'],
  needs: { api: clusterReadRights },
  async run({ settings, api, once, command }) {
    const { namespace, serviceAccount, tenant, audience } = settings
    const remedy = command('federate', 'namespace', 'serviceAccount')
    const found = await api.kube.get('ServiceAccount', serviceAccount, namespace)
    if (!found)
      return fail({ detail: `The service account ${namespace}/${serviceAccount} does not exist`, remedy })
    const annotations = found.metadata.annotations ?? {}
    const { [clientIdKey]: clientId, [tenantIdKey]: tenantId = tenant } = annotations
    if (clientId === undefined)
      return fail({
        detail: `The service account ${namespace}/${serviceAccount} has no annotation ${clientIdKey}`,
        is: '(none)',
        should: "the identity's client ID",
        remedy,
      })
    const requestToken = () =>
      once('token', () => api.kube.token(namespace, serviceAccount, { audience, seconds: 3600 }))
    return pass({ clientId, tenantId, annotations, requestToken })
  },
})

export const tenantAnnotation = check()({
  code: 'WI114',
  title: "The service account's tenant matches the identity's",
  link: 'service account',
  uses: ['namespace', 'serviceAccount', 'tenant', 'audience'],
  needs: { api: clusterReadRights, account: accountAnnotated },
  overruledBy: byExchange,
  run: async ({ settings, account, command }) =>
    account.tenantId.toLowerCase() === settings.tenant.toLowerCase()
      ? pass(true as const)
      : fail({
          detail: `The annotation ${tenantIdKey} of ${settings.namespace}/${settings.serviceAccount} names another tenant (Entra: AADSTS700016)`,
          is: account.tenantId,
          should: settings.tenant,
          remedy: command('federate', 'namespace', 'serviceAccount'),
        }),
})

export const tokenLifetimeKey = 'azure.workload.identity/service-account-token-expiration'

export const tokenLifetimeInRange = check()({
  code: 'WI209',
  title: "The service account's token lifetime is in the webhook's range",
  link: 'service account',
  uses: ['namespace', 'serviceAccount'],
  needs: { account: accountAnnotated },
  async run({ settings, account }) {
    const text = account.annotations[tokenLifetimeKey]
    if (text === undefined) return pass(true as const)
    if (/^\d+$/.test(text) && Number(text) >= 3600 && Number(text) <= 86_400) return pass(true as const)
    return fail({
      detail: `The annotation ${tokenLifetimeKey} of ${settings.namespace}/${settings.serviceAccount} is out of range, so the webhook rejects its pods`,
      is: text,
      should: '3600 to 86400',
      remedy: kubectl(['annotate', `serviceaccount/${settings.serviceAccount}`, `${tokenLifetimeKey}-`], {
        namespace: settings.namespace,
      }),
    })
  },
})

export const dedicatedAccount = check()({
  code: 'WI211',
  title: "The service account isn't the namespace's default",
  link: 'service account',
  level: 'warning',
  uses: ['namespace', 'serviceAccount'],
  needs: { account: accountAnnotated },
  run: async ({ settings, command }) =>
    settings.serviceAccount === 'default'
      ? warn(true as const, {
          detail: `Every pod in ${settings.namespace} that doesn't set a service account can use this identity`,
          is: 'default',
          should: 'a dedicated service account',
          remedy: withFlag(command(''), '--service-account', `${settings.namespace}-reader`),
        })
      : pass(true as const),
})
