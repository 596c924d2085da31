import { isGuid } from '../../settings/rules.ts'
import { clientIdKey } from '../../steps/service-account.ts'
import { inTemplate, type LintContext, type RuleFinding, type WorkloadRule } from './rule.ts'
import {
  accountNameOf,
  annotationsOf,
  type OpenObject,
  podSpecOf,
  type Workload,
  workloadTitle,
} from './workload.ts'

const at = (workload: Workload) => inTemplate(workload, 'spec', 'serviceAccountName')

const use = (account: string | undefined): Pick<RuleFinding, 'should' | 'edit' | 'change'> =>
  account === undefined
    ? {
        should: 'a service account with an identity',
        edit: 'name one in serviceAccountName',
        change: { words: 'Name the service account that has the identity in serviceAccountName' },
      }
    : {
        should: account,
        edit: `serviceAccountName: ${account}`,
        change: { template: { spec: { serviceAccountName: account, serviceAccount: account } } },
      }

/** What Flux, envsubst, a pipeline or a plug-in of Argo CD puts a value for: `${ID}`, `$(ID)`, `#{ID}#`, `__ID__`, `<path:…>`. */
export const isPlaceholder = (value: string): boolean => /\$[{(\w]|#\{.*\}|^__\w+__$|^<path:/.test(value)

const clientIdOf = (account: OpenObject) => account.metadata.annotations?.[clientIdKey] as string | undefined

const isAnnotated = (account: OpenObject | 'none' | 'unknown') =>
  typeof account === 'object' && clientIdOf(account) !== undefined

/** What its service account is called and is, and which it should be. */
function accountOf(workload: Workload, around: LintContext) {
  const name = accountNameOf(workload)
  const target = around.identityAccount(workload.namespace)
  return { name, target, found: around.serviceAccount(workload.namespace, name) }
}

export const identityAccountUsed: WorkloadRule = {
  code: 'WI203',
  title: 'Pods run as the service account that has the identity',
  inspect(workload, around) {
    const { name, target, found } = accountOf(workload, around)
    if (name === target || isAnnotated(found)) return []
    const unset = name === 'default'
    // Another one may well have an identity of its own, or is missing, which is said elsewhere.
    if (!unset && (!workload.selectedByName || found === 'none' || target === undefined)) return []
    return [
      {
        detail: unset
          ? podSpecOf(workload).serviceAccountName === name
            ? `${workloadTitle(workload)} runs as default, the service account that every pod gets`
            : `${workloadTitle(workload)} names no service account, so its pods run as default`
          : `${workloadTitle(workload)} runs as another service account than the one with the identity`,
        is: name,
        field: at(workload),
        ...use(target),
      },
    ]
  },
}

export const accountExists: WorkloadRule = {
  code: 'WI213',
  title: "The workloads' service accounts exist",
  clusterOnly: true,
  inspect(workload, around) {
    const { name, target, found } = accountOf(workload, around)
    // The one that is being verified has a check of its own.
    if (found !== 'none' || name === target) return []
    return [
      {
        detail: `${workloadTitle(workload)}: there is no service account ${name}, so no pod can start`,
        is: name,
        field: at(workload),
        ...use(target),
      },
    ]
  },
}

export const accountHasIdentity: WorkloadRule = {
  code: 'WI214',
  title: "The workloads' other service accounts name their identity",
  inspect(workload, around) {
    const { name, target, found } = accountOf(workload, around)
    // The one that is being verified has a check of its own, and default one that says more.
    if (typeof found !== 'object' || name === 'default') return []
    if (!workload.location && (name === target || workload.selectedByName)) return []
    const clientId = clientIdOf(found)
    if (clientId !== undefined && isGuid(clientId)) return []
    // A manifest need not have what `federate` adds in the cluster, or what another program fills in.
    if (workload.location && (clientId === undefined || isPlaceholder(clientId))) return []
    return [
      {
        detail: `${workloadTitle(workload)}: its service account ${name} ${clientId === undefined ? `has no annotation ${clientIdKey}` : 'names no client id'}`,
        is: clientId ?? '(none)',
        should: "the identity's client id (8-4-4-4-12 hexadecimal digits)",
        field: at(workload),
        edit: `annotate ${name}`,
        change: {
          run: `${around.command('federate')} --namespace ${workload.namespace} --service-account ${name}`,
          restart: true,
        },
      },
    ]
  },
}

const misplaced = [clientIdKey, 'azure.workload.identity/tenant-id']

export const annotationsOnAccount: WorkloadRule = {
  code: 'WI221',
  title: 'Client and tenant id are annotated on the service account, not on pods',
  level: 'warning',
  inspect(workload, around) {
    const { name, found } = accountOf(workload, around)
    const account = typeof found === 'object' ? found.metadata.annotations : undefined
    return misplaced.flatMap((key): RuleFinding[] => {
      const value = annotationsOf(workload)[key]
      if (value === undefined || account?.[key] === value) return []
      return [
        {
          detail: `${workloadTitle(workload)}: the webhook does not look at the annotation ${key} of pods, only at that of ${name}`,
          is: String(value),
          should: account?.[key] ?? '(none)',
          field: inTemplate(workload, 'metadata', 'annotations', key),
          edit: `take it away; it belongs on the service account ${name}`,
          change: { template: { metadata: { annotations: { [key]: null } } } },
        },
      ]
    })
  },
}
