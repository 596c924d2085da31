import { isGuid } from '../../settings/rules.ts'
import { clientIdKey } from '../../steps/service-account.ts'
import { type Around, type Fault, inTemplate, type Rule } from './rule.ts'
import { accountNameOf, annotationsOf, type Open, podSpecOf, titleOf, type Workload } from './workload.ts'

const at = (workload: Workload) => inTemplate(workload, 'spec', 'serviceAccountName')

const use = (account: string | undefined): Pick<Fault, 'should' | 'edit' | 'change'> =>
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
export const isFilledLater = (value: string): boolean => /\$[{(\w]|#\{.*\}|^__\w+__$|^<path:/.test(value)

const clientIdOf = (account: Open) => account.metadata.annotations?.[clientIdKey] as string | undefined

const isAnnotated = (account: Open | 'none' | 'unknown') =>
  typeof account === 'object' && clientIdOf(account) !== undefined

/** What its service account is called and is, and which it should be. */
function accountOf(workload: Workload, around: Around) {
  const name = accountNameOf(workload)
  const target = around.target(workload.namespace)
  return { name, target, found: around.account(workload.namespace, name) }
}

export const accountSet: Rule = {
  code: 'WI203',
  title: 'Pods run as the service account that has the identity',
  look(workload, around) {
    const { name, target, found } = accountOf(workload, around)
    if (name === target || isAnnotated(found)) return []
    const unset = name === 'default'
    // Another one may well have an identity of its own, or is missing, which is said elsewhere.
    if (!unset && (!workload.named || found === 'none' || target === undefined)) return []
    return [
      {
        detail: unset
          ? podSpecOf(workload).serviceAccountName === name
            ? `${titleOf(workload)} runs as default, the service account that every pod gets`
            : `${titleOf(workload)} names no service account, so its pods run as default`
          : `${titleOf(workload)} runs as another service account than the one with the identity`,
        is: name,
        at: at(workload),
        ...use(target),
      },
    ]
  },
}

export const accountThere: Rule = {
  code: 'WI213',
  title: "The workloads' service accounts exist",
  live: true,
  look(workload, around) {
    const { name, target, found } = accountOf(workload, around)
    // The one that is being verified has a check of its own.
    if (found !== 'none' || name === target) return []
    return [
      {
        detail: `${titleOf(workload)}: there is no service account ${name}, so no pod can start`,
        is: name,
        at: at(workload),
        ...use(target),
      },
    ]
  },
}

export const accountNamesIdentity: Rule = {
  code: 'WI214',
  title: "The workloads' other service accounts name their identity",
  look(workload, around) {
    const { name, target, found } = accountOf(workload, around)
    // The one that is being verified has a check of its own, and default one that says more.
    if (typeof found !== 'object' || name === 'default') return []
    if (!workload.place && (name === target || workload.named)) return []
    const clientId = clientIdOf(found)
    if (clientId !== undefined && isGuid(clientId)) return []
    // A manifest need not have what `federate` adds in the cluster, or what another program fills in.
    if (workload.place && (clientId === undefined || isFilledLater(clientId))) return []
    return [
      {
        detail: `${titleOf(workload)}: its service account ${name} ${clientId === undefined ? `has no annotation ${clientIdKey}` : 'names no client id'}`,
        is: clientId ?? '(none)',
        should: "the identity's client id (8-4-4-4-12 hexadecimal digits)",
        at: at(workload),
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

export const annotationsOnAccount: Rule = {
  code: 'WI221',
  title: 'Client and tenant id are annotated on the service account, not on pods',
  level: 'warning',
  look(workload, around) {
    const { name, found } = accountOf(workload, around)
    const account = typeof found === 'object' ? found.metadata.annotations : undefined
    return misplaced.flatMap((key): Fault[] => {
      const value = annotationsOf(workload)[key]
      if (value === undefined || account?.[key] === value) return []
      return [
        {
          detail: `${titleOf(workload)}: the webhook does not look at the annotation ${key} of pods, only at that of ${name}`,
          is: String(value),
          should: account?.[key] ?? '(none)',
          at: inTemplate(workload, 'metadata', 'annotations', key),
          edit: `take it away; it belongs on the service account ${name}`,
          change: { template: { metadata: { annotations: { [key]: null } } } },
        },
      ]
    })
  },
}
