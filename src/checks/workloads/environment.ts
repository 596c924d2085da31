import { equalsIgnoreCase } from '../../clients/azure/resource-id.ts'
import { clientIdKey, tenantIdKey } from '../../steps/service-account.ts'
import { nodeIdentityFindings } from './node-identity.ts'
import { oldTokenFolder } from './replace-token-path.ts'
import { inTemplate, type LintContext, type RuleFinding, type WorkloadRule } from './rule.ts'
import {
  accountNameOf,
  type Container,
  containersOf,
  isLabelled,
  labelsOf,
  type OpenObject,
  skippedContainers,
  useLabel,
  type Workload,
  workloadTitle,
} from './workload.ts'

/** Variables that the webhook injects, with the annotation that each comes from. */
const injected: Record<string, string | undefined> = {
  AZURE_CLIENT_ID: clientIdKey,
  AZURE_TENANT_ID: tenantIdKey,
  AZURE_FEDERATED_TOKEN_FILE: undefined,
}

const removeVariables = (container: Container, ...names: string[]): RuleFinding['change'] => ({
  template: {
    spec: {
      [container.list]: [{ name: container.name, env: names.map((name) => ({ name, $patch: 'delete' })) }],
    },
  },
})

const envOf = (container: Container): [OpenObject, number][] =>
  ((container.spec.env ?? []) as OpenObject[]).map((each, index) => [each, index])

const mounts = (container: Container, path: string) =>
  ((container.spec.volumeMounts ?? []) as OpenObject[]).some(({ mountPath }) =>
    path.startsWith(`${mountPath}/`),
  )

export const webhookVariablesUnset: WorkloadRule = {
  code: 'WI215',
  title: "Containers don't override the variables that the webhook injects",
  needs: ['account'],
  inspect(workload, context) {
    if (!isLabelled(workload)) return []
    const annotations = accountAnnotations(workload, context)
    const skipped = skippedContainers(workload)
    return containersOf(workload)
      .filter(({ name }) => !skipped.includes(name))
      .flatMap((container) =>
        envOf(container).flatMap(([env, index]): RuleFinding[] => {
          if (env.name === 'AZURE_AUTHORITY_HOST')
            return otherCloud(workload, container, { value: env.value, index, audience: context.audience })
          if (!Object.hasOwn(injected, `${env.name}`)) return []
          const isPath = env.name === 'AZURE_FEDERATED_TOKEN_FILE'
          // WI207 covers the old path, and a mounted file is the container's own token.
          if (
            isPath &&
            env.value &&
            (`${env.value}`.startsWith(oldTokenFolder) || mounts(container, `${env.value}`))
          )
            return []
          const key = injected[env.name]
          const should = key === undefined ? undefined : annotations?.[key]
          if (env.value !== undefined && equalsIgnoreCase(`${env.value}`, should)) return []
          // Without the account, only the override is known; the value itself may be right.
          const unsure = env.value === undefined || (!isPath && should === undefined)
          return [
            {
              detail: `${workloadTitle(workload)}, container ${container.name}, sets ${env.name}, which overrides the injected value`,
              is: env.value ?? '(from another source)',
              should: should ?? '(from the webhook)',
              field: inTemplate(workload, 'spec', container.list, container.index, 'env', index),
              edit: `remove ${env.name}; the webhook sets it`,
              change: removeVariables(container, env.name),
              ...(unsure ? { warning: true } : {}),
            },
          ]
        }),
      )
  },
}

/** Sign-in hosts of other clouds than the public one, whose token audience is the default. */
const otherLoginHosts = [
  'login.microsoftonline.us',
  'login.chinacloudapi.cn',
  'login.partner.microsoftonline.cn',
  'login.microsoftonline.de',
]

function otherCloud(
  workload: Workload,
  container: Container,
  { value, index, audience }: { value: unknown; index: number; audience: string },
): RuleFinding[] {
  const url = /^https?:/i.test(`${value}`) ? `${value}` : `https://${value}`
  const host = URL.canParse(url) ? new URL(url).host : ''
  if (!otherLoginHosts.includes(host) || audience !== 'api://AzureADTokenExchange') return []
  return [
    {
      detail: `${workloadTitle(workload)}, container ${container.name}, sets AZURE_AUTHORITY_HOST to another cloud, which overrides the injected value`,
      is: `${value}`,
      should: '(from the webhook)',
      field: inTemplate(workload, 'spec', container.list, container.index, 'env', index),
      edit: 'remove AZURE_AUTHORITY_HOST; the webhook sets it',
      change: removeVariables(container, 'AZURE_AUTHORITY_HOST'),
      warning: true,
    },
  ]
}

function accountAnnotations(workload: Workload, context: LintContext): Record<string, string> | undefined {
  const found = context.serviceAccount(workload.namespace, accountNameOf(workload))
  return typeof found === 'object' ? (found.metadata.annotations ?? {}) : undefined
}

/** Variables that make DefaultAzureCredential prefer another credential. */
const credentialVariables = ['AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH', 'AZURE_PASSWORD']
/** Values of AZURE_TOKEN_CREDENTIALS that include workload identity. */
const includingWorkloadIdentity = ['prod', 'workloadidentitycredential']

export const noCompetingCredential: WorkloadRule = {
  code: 'WI602',
  title: "The pods' environment doesn't make SDKs use another credential",
  level: 'warning',
  inspect(workload) {
    if (labelsOf(workload)[useLabel] === undefined) return []
    const title = workloadTitle(workload)
    const podIdentityLabel = labelsOf(workload).aadpodidbinding
    return [
      ...(podIdentityLabel === undefined
        ? []
        : [
            {
              detail: `${title} has the label aadpodidbinding of the deprecated pod-managed identity`,
              is: podIdentityLabel,
              should: '(none)',
              field: inTemplate(workload, 'metadata', 'labels', 'aadpodidbinding'),
              edit: 'remove it',
              change: { template: { metadata: { labels: { aadpodidbinding: null } } } },
            },
          ]),
      ...containersOf(workload).flatMap((container) =>
        envOf(container).flatMap(([env, index]): RuleFinding[] => {
          const competes =
            env.name === 'AZURE_TOKEN_CREDENTIALS'
              ? env.value !== undefined && !includingWorkloadIdentity.includes(`${env.value}`.toLowerCase())
              : credentialVariables.includes(env.name)
          if (!competes) return []
          const isCredential = credentialVariables.includes(env.name)
          return [
            {
              detail: isCredential
                ? `${title}, container ${container.name}, sets ${env.name}, which DefaultAzureCredential prefers over workload identity`
                : `${title}, container ${container.name}, sets AZURE_TOKEN_CREDENTIALS to a value that excludes workload identity`,
              ...(isCredential ? {} : { is: env.value, should: 'WorkloadIdentityCredential' }),
              field: inTemplate(workload, 'spec', container.list, container.index, 'env', index),
              edit: `remove ${env.name}`,
              change: removeVariables(container, env.name),
            },
          ]
        }),
      ),
      ...nodeIdentityFindings(workload),
    ]
  },
}
