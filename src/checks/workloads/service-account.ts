import { instruction, withFlag } from '../../base/command.ts'
import { isGuid } from '../../settings/rules.ts'
import { clientIdKey, tenantIdKey } from '../../steps/service-account.ts'
import { misplacedClientId } from './misplaced-client-id.ts'
import { mountsOwnToken } from './own-token.ts'
import { isPlaceholder } from './placeholder.ts'
import { yamlValue } from './remedy.ts'
import { inTemplate, type LintContext, type RuleFinding, type WorkloadRule } from './rule.ts'
import { signsInByDriver } from './secrets-store.ts'
import {
  accountNameOf,
  annotationsOf,
  isLabelled,
  type OpenObject,
  podSpecOf,
  type Workload,
  workloadTitle,
} from './workload.ts'

const accountField = (workload: Workload) => inTemplate(workload, 'spec', 'serviceAccountName')

const useAccount = (account: string | undefined): Pick<RuleFinding, 'should' | 'edit' | 'change'> =>
  account === undefined
    ? {
        should: 'a service account with an identity',
        edit: 'set serviceAccountName',
        change: {
          instruction: instruction`Set serviceAccountName to the service account that has the identity`,
        },
      }
    : {
        should: account,
        edit: `set serviceAccountName: ${yamlValue(account)}`,
        change: { template: { spec: { serviceAccountName: account, serviceAccount: account } } },
      }

const clientIdOf = (account: OpenObject) => account.metadata.annotations?.[clientIdKey] as string | undefined

const isAnnotated = (account: OpenObject | 'none' | 'unknown') =>
  typeof account === 'object' && clientIdOf(account) !== undefined

/** Returns the workload's service account and the name of the one that has the identity. */
function accountOf(workload: Workload, context: LintContext) {
  const name = accountNameOf(workload)
  const expected = context.identityAccount(workload.namespace)
  return { name, expected, found: context.serviceAccount(workload.namespace, name) }
}

/** Reports whether the client ID is elsewhere: in the pods' own variables, or in a SecretProviderClass. */
const needsNoAnnotation = (workload: Workload, context: LintContext) =>
  !isLabelled(workload) && (mountsOwnToken(workload, context.audience) || signsInByDriver(workload, context))

export const identityAccountUsed: WorkloadRule = {
  code: 'WI203',
  title: "The workload's pods run as the service account that has the identity",
  inspect(workload, context) {
    const { name, expected, found } = accountOf(workload, context)
    if (name === expected || isAnnotated(found)) return []
    const unset = name === 'default'
    // A different account may have its own identity; a missing one has its own rule.
    if (!unset && (!workload.selectedByName || found === 'none' || expected === undefined)) return []
    return [
      {
        detail: unset
          ? podSpecOf(workload).serviceAccountName === name
            ? `${workloadTitle(workload)} runs as default, the service account that pods get if none is set`
            : `${workloadTitle(workload)} sets no service account, so its pods run as default`
          : `${workloadTitle(workload)} runs as a service account other than the one with the identity`,
        is: name,
        field: accountField(workload),
        ...useAccount(expected),
        // An identity may trust default, and no annotation would show it.
        ...(expected === undefined && needsNoAnnotation(workload, context) ? { warning: true } : {}),
      },
    ]
  },
}

export const accountExists: WorkloadRule = {
  code: 'WI213',
  title: "Every workload's service account exists",
  clusterOnly: true,
  inspect(workload, context) {
    const { name, expected, found } = accountOf(workload, context)
    // The configured service account has its own check.
    if (found !== 'none' || name === expected) return []
    return [
      {
        detail: `${workloadTitle(workload)}: service account ${name} does not exist, so no pod can start`,
        is: name,
        field: accountField(workload),
        ...useAccount(expected),
      },
    ]
  },
}

export const accountHasIdentity: WorkloadRule = {
  code: 'WI214',
  title: "Every workload's service account has a client ID annotation",
  inspect(workload, context) {
    const { name, expected, found } = accountOf(workload, context)
    // The configured service account and default have their own checks.
    if (typeof found !== 'object' || name === 'default') return []
    if (needsNoAnnotation(workload, context)) return []
    if (!workload.location && (name === expected || workload.selectedByName)) return []
    const clientId = clientIdOf(found)
    if (clientId !== undefined && (isGuid(clientId) || (workload.location && isPlaceholder(clientId))))
      return []
    // In a manifest, `federate` or another tool may add the annotation later, unless it was meant to be there.
    const sign = workload.location && clientId === undefined && misplacedClientId(workload, found, context)
    if (workload.location && clientId === undefined && sign === undefined) return []
    const problem =
      clientId === undefined
        ? `has no annotation ${clientIdKey}${sign ? `, but ${sign}` : ''}`
        : 'has no valid client ID'
    return [
      {
        detail: `${workloadTitle(workload)}: service account ${name} ${problem}`,
        ...(sign ? { warning: true } : {}),
        is: clientId ?? '(none)',
        should: "the identity's client ID (a GUID)",
        field: accountField(workload),
        edit: `annotate ${name}`,
        change: {
          run: withFlag(
            withFlag(context.command('federate'), '--namespace', workload.namespace),
            '--service-account',
            name,
          ),
          restart: true,
        },
      },
    ]
  },
}

const misplaced = [clientIdKey, tenantIdKey]

export const annotationsOnAccount: WorkloadRule = {
  code: 'WI221',
  title: 'Client and tenant ID annotations are on the service account, not on pods',
  level: 'warning',
  inspect(workload, context) {
    const { name, found } = accountOf(workload, context)
    const account = typeof found === 'object' ? found.metadata.annotations : undefined
    return misplaced.flatMap((key): RuleFinding[] => {
      const value = annotationsOf(workload)[key]
      if (value === undefined || account?.[key] === value) return []
      return [
        {
          detail: `${workloadTitle(workload)}: the webhook ignores the annotation ${key} on pods; it reads it from service account ${name}`,
          is: String(value),
          should: account?.[key] ?? '(none)',
          field: inTemplate(workload, 'metadata', 'annotations', key),
          edit: `remove it; it belongs on service account ${name}`,
          change: { template: { metadata: { annotations: { [key]: null } } } },
        },
      ]
    })
  },
}
