import { quoted } from '../../base/shell.ts'
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

const nobody = 65534

export const tokenReadable: WorkloadRule = {
  code: 'WI208',
  title: 'The token file can be read',
  clusterOnly: true,
  inspect(workload, { kubernetesVersion }) {
    if (kubernetesVersion === undefined || isAtLeast(kubernetesVersion, '1.19') || isWindows(workload))
      return []
    const { fsGroup } = podSpecOf(workload).securityContext ?? {}
    if (!isLabelled(workload) || fsGroup !== undefined) return []
    return [
      {
        detail: `${workloadTitle(workload)}: on Kubernetes ${kubernetesVersion} only root reads the token, unless the pod has an fsGroup`,
        is: '(none)',
        should: `fsGroup: ${nobody}`,
        field: inTemplate(workload, 'spec', 'securityContext', 'fsGroup'),
        edit: `fsGroup: ${nobody}`,
        change: { template: { spec: { securityContext: { fsGroup: nobody } } } },
      },
    ]
  },
}

const expirationKey = identityKey('service-account-token-expiration')
const [least, most] = [3600, 86_400]

/** As the webhook reads it: an integer of seconds. Both ends are allowed. */
const isAllowed = (value: unknown) =>
  /^[+-]?\d+$/.test(String(value)) && Number(value) >= least && Number(value) <= most

export const podTokenLifetime: WorkloadRule = {
  code: 'WI224',
  title: 'The lifetime that the pods ask for their token is one that the webhook takes',
  inspect(workload, around) {
    if (!isLabelled(workload)) return []
    const name = accountNameOf(workload)
    const account = around.serviceAccount(workload.namespace, name)
    // The pod's word goes before the service account's; an empty one is none.
    const onPod = annotationsOf(workload)[expirationKey] || undefined
    const onAccount =
      (typeof account === 'object' && account.metadata.annotations?.[expirationKey]) || undefined
    const value = onPod ?? onAccount
    if (value === undefined || isAllowed(value)) return []
    // The service account that is being verified has a check of its own.
    if (onPod === undefined && !workload.location && name === around.identityAccount(workload.namespace))
      return []
    const remedy: Pick<RuleFinding, 'edit' | 'change'> =
      onPod === undefined
        ? {
            edit: `annotate the service account ${name} with ${expirationKey}: "${least}"`,
            change: {
              run: `kubectl -n ${quoted(workload.namespace)} annotate serviceaccount ${quoted(name)} ${expirationKey}=${least} --overwrite`,
              restart: false,
            },
          }
        : {
            edit: `write "${least}", or take it away`,
            change: { template: { metadata: { annotations: { [expirationKey]: String(least) } } } },
          }
    return [
      {
        detail: `${workloadTitle(workload)}: the webhook admits no pod with this ${expirationKey}${onPod === undefined ? ` of ${name}` : ''}`,
        is: String(value),
        should: `whole seconds from ${least} to ${most}`,
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
  title: "No pod puts a token for another audience in the webhook's place",
  inspect(workload, around) {
    if (!isLabelled(workload) || hasIdentityBinding(workload)) return []
    const spec = podSpecOf(workload)
    const volumes = (spec.volumes ?? []) as OpenObject[]
    const paths = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
      .flatMap((each: OpenObject) => (each.env ?? []) as OpenObject[])
      .filter(({ name, value }) => name === 'AZURE_FEDERATED_TOKEN_FILE' && value !== undefined)
      .map(({ value }) => value as string)
    const mounts = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap(
      (each: OpenObject) => (each.volumeMounts ?? []) as OpenObject[],
    )
    return volumes.flatMap((volume, index): RuleFinding[] => {
      const sources = (volume.projected?.sources ?? []) as OpenObject[]
      const at = sources.findIndex(
        ({ serviceAccountToken: token }) =>
          token &&
          mounts.some(
            ({ name, mountPath }) => name === volume.name && paths.includes(`${mountPath}/${token.path}`),
          ),
      )
      const is: string | undefined = sources[at]?.serviceAccountToken.audience
      if (at < 0 || is === around.audience) return []
      const next = sources.map((each, place) =>
        place === at
          ? { serviceAccountToken: { ...each.serviceAccountToken, audience: around.audience } }
          : each,
      )
      return [
        {
          detail: `${workloadTitle(workload)} mounts a token of its own, for another audience than the credential trusts`,
          is: is ?? "(the API server's)",
          should: around.audience,
          field: inTemplate(
            workload,
            'spec',
            'volumes',
            index,
            'projected',
            'sources',
            at,
            'serviceAccountToken',
            'audience',
          ),
          edit: `audience: ${around.audience}`,
          change: {
            template: { spec: { volumes: [{ name: volume.name, projected: { sources: next } }] } },
          },
        },
      ]
    })
  },
}
