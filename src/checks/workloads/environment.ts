import { clientIdKey, tenantIdKey } from '../../steps/service-account.ts'
import { inTemplate, type LintContext, type RuleFinding, type WorkloadRule } from './rule.ts'
import { oldTokenFolder } from './token-path.ts'
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

/** What the webhook gives, by the annotation that it comes from. */
const given: Record<string, string | undefined> = {
  AZURE_CLIENT_ID: clientIdKey,
  AZURE_TENANT_ID: tenantIdKey,
  AZURE_FEDERATED_TOKEN_FILE: undefined,
}

const without = (container: Container, ...names: string[]): RuleFinding['change'] => ({
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
  title: "No container sets the webhook's variables itself",
  needs: ['account'],
  inspect(workload, around) {
    if (!isLabelled(workload)) return []
    const annotations = annotationsOfAccount(workload, around)
    const skipped = skippedContainers(workload)
    return containersOf(workload)
      .filter(({ name }) => !skipped.includes(name))
      .flatMap((container) =>
        envOf(container).flatMap(([env, index]): RuleFinding[] => {
          if (!(env.name in given)) return []
          const path = env.name === 'AZURE_FEDERATED_TOKEN_FILE'
          // Has a rule of its own, or a file of its own.
          if (
            path &&
            env.value &&
            (`${env.value}`.startsWith(oldTokenFolder) || mounts(container, `${env.value}`))
          )
            return []
          const key = given[env.name]
          const should = key === undefined ? undefined : annotations?.[key]
          if (env.value !== undefined && env.value === should) return []
          // Without the account nothing is known to be wrong, only that it wins.
          const unsure = env.value === undefined || (!path && should === undefined)
          return [
            {
              detail: `${workloadTitle(workload)}, container ${container.name}, sets ${env.name} itself, and that wins`,
              is: env.value ?? '(from elsewhere)',
              should: should ?? '(from the webhook)',
              field: inTemplate(workload, 'spec', container.list, container.index, 'env', index),
              edit: `take ${env.name} away; the webhook sets it`,
              change: without(container, env.name),
              ...(unsure ? { warning: true } : {}),
            },
          ]
        }),
      )
  },
}

function annotationsOfAccount(workload: Workload, around: LintContext): Record<string, string> | undefined {
  const found = around.serviceAccount(workload.namespace, accountNameOf(workload))
  return typeof found === 'object' ? (found.metadata.annotations ?? {}) : undefined
}

/** DefaultAzureCredential takes these before the workload identity. */
const passwords = ['AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH', 'AZURE_PASSWORD']
/** Values of AZURE_TOKEN_CREDENTIALS with which it looks at the workload identity. */
const withWorkload = ['prod', 'workloadidentitycredential']

export const noCompetingCredential: WorkloadRule = {
  code: 'WI602',
  title: 'Nothing in the pods makes an SDK take another credential',
  level: 'warning',
  inspect(workload) {
    if (labelsOf(workload)[useLabel] === undefined) return []
    const title = workloadTitle(workload)
    const bound = labelsOf(workload).aadpodidbinding
    return [
      ...(bound === undefined
        ? []
        : [
            {
              detail: `${title} has the label aadpodidbinding of the older pod identity`,
              is: bound,
              should: '(none)',
              field: inTemplate(workload, 'metadata', 'labels', 'aadpodidbinding'),
              edit: 'take it away',
              change: { template: { metadata: { labels: { aadpodidbinding: null } } } },
            },
          ]),
      ...containersOf(workload).flatMap((container) =>
        envOf(container).flatMap(([env, index]): RuleFinding[] => {
          const wrong =
            env.name === 'AZURE_TOKEN_CREDENTIALS'
              ? env.value !== undefined && !withWorkload.includes(`${env.value}`.toLowerCase())
              : passwords.includes(env.name)
          if (!wrong) return []
          const password = passwords.includes(env.name)
          return [
            {
              detail: password
                ? `${title}, container ${container.name}, has ${env.name}: DefaultAzureCredential takes that before the token`
                : `${title}, container ${container.name}: with this AZURE_TOKEN_CREDENTIALS no token is looked for`,
              ...(password ? {} : { is: env.value, should: 'WorkloadIdentityCredential' }),
              field: inTemplate(workload, 'spec', container.list, container.index, 'env', index),
              edit: `take ${env.name} away`,
              change: without(container, env.name),
            },
          ]
        }),
      ),
    ]
  },
}
