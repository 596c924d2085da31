import { kubectl } from '../../base/command.ts'
import { usedTokensOf } from './own-token.ts'
import { yamlValue } from './remedy.ts'
import { inTemplate, isAtLeast, type RuleFinding, type WorkloadRule } from './rule.ts'
import {
  accountNameOf,
  annotationsOf,
  hasIdentityBinding,
  identityKey,
  isLabelled,
  isWindows,
  type OpenObject,
  podSpecOf,
  workloadTitle,
} from './workload.ts'

/** Group ID of nobody. */
const nobody = 65534

export const tokenReadable: WorkloadRule = {
  code: 'WI208',
  title: 'The pods can read the token file',
  clusterOnly: true,
  inspect(workload, { kubernetesVersion }) {
    if (kubernetesVersion === undefined || isAtLeast(kubernetesVersion, '1.19') || isWindows(workload))
      return []
    const { fsGroup } = podSpecOf(workload).securityContext ?? {}
    if (!isLabelled(workload) || fsGroup !== undefined) return []
    return [
      {
        detail: `${workloadTitle(workload)}: on Kubernetes ${kubernetesVersion}, only root can read the token unless the pod sets fsGroup`,
        is: '(none)',
        should: `fsGroup: ${nobody}`,
        field: inTemplate(workload, 'spec', 'securityContext', 'fsGroup'),
        edit: `set fsGroup: ${nobody}`,
        change: { template: { spec: { securityContext: { fsGroup: nobody } } } },
      },
    ]
  },
}

const expirationKey = identityKey('service-account-token-expiration')
const [minimum, maximum] = [3600, 86_400]

/** Reports whether the webhook accepts the value: an integer of seconds, both bounds included. */
const isAllowed = (value: unknown) =>
  /^[+-]?\d+$/.test(String(value)) && Number(value) >= minimum && Number(value) <= maximum

export const podTokenLifetime: WorkloadRule = {
  code: 'WI224',
  title: "The pods' token lifetime is in the webhook's range",
  inspect(workload, context) {
    if (!isLabelled(workload)) return []
    const name = accountNameOf(workload)
    const account = context.serviceAccount(workload.namespace, name)
    // The pod's annotation overrides the service account's; an empty one doesn't count.
    const onPod = annotationsOf(workload)[expirationKey] || undefined
    const onAccount =
      (typeof account === 'object' && account.metadata.annotations?.[expirationKey]) || undefined
    const value = onPod ?? onAccount
    if (value === undefined || isAllowed(value)) return []
    // The configured service account has its own check.
    if (onPod === undefined && !workload.location && name === context.identityAccount(workload.namespace))
      return []
    const remedy: Pick<RuleFinding, 'edit' | 'change'> =
      onPod === undefined
        ? {
            edit: `annotate service account ${name} with ${expirationKey}: "${minimum}"`,
            change: {
              run: kubectl(
                ['annotate', `serviceaccount/${name}`, `${expirationKey}=${minimum}`, '--overwrite'],
                { namespace: workload.namespace },
              ),
              restart: false,
            },
          }
        : {
            edit: `set it to "${minimum}", or remove it`,
            change: { template: { metadata: { annotations: { [expirationKey]: String(minimum) } } } },
          }
    return [
      {
        detail: `${workloadTitle(workload)}: the webhook rejects pods with this ${expirationKey}${onPod === undefined ? ` on service account ${name}` : ''}`,
        is: String(value),
        should: `an integer from ${minimum} to ${maximum} (seconds)`,
        field: inTemplate(
          workload,
          'metadata',
          'annotations',
          ...(onPod === undefined ? [] : [expirationKey]),
        ),
        ...remedy,
      },
    ]
  },
}

export const ownTokenAudience: WorkloadRule = {
  code: 'WI219',
  title: "Tokens that pods mount themselves have the federated credential's audience",
  inspect(workload, context) {
    if (hasIdentityBinding(workload)) return []
    const volumes = (podSpecOf(workload).volumes ?? []) as OpenObject[]
    return usedTokensOf(workload)
      .filter(({ audience }) => audience !== context.audience)
      .map(({ volume, source, volumeName, audience }): RuleFinding => {
        const sources = volumes[volume]!.projected.sources as OpenObject[]
        const corrected = sources.map((each, index) =>
          index === source
            ? { serviceAccountToken: { ...each.serviceAccountToken, audience: context.audience } }
            : each,
        )
        const token = ['projected', 'sources', source, 'serviceAccountToken']
        return {
          detail: `${workloadTitle(workload)} mounts its own token, for a different audience than the federated credential trusts`,
          is: audience ?? "(the API server's)",
          should: context.audience,
          field: inTemplate(workload, 'spec', 'volumes', volume, ...token, 'audience'),
          edit: `set audience: ${yamlValue(context.audience)}`,
          change: {
            template: { spec: { volumes: [{ name: volumeName, projected: { sources: corrected } }] } },
          },
        }
      })
  },
}
