import type { KubeObject } from '../clients/kubernetes.ts'
import type { Settings } from '../settings/settings.ts'
import type { ConfiguredInjection } from './configured-injection.ts'
import type { LabelSelector } from './label-selector.ts'
import { useLabel } from './workloads/workload.ts'

/**
 * What happens to a new pod. From a dry run: the pod as the webhook would start it, or the API server's error. Without
 * the right to create pods: what the webhook is configured to do.
 */
export type Injection =
  | { pod: KubeObject; selector?: LabelSelector }
  | { error: unknown }
  | { configured: ConfiguredInjection }

/** Returns the environment of a pod's first container. */
export const environmentOf = (pod: KubeObject): Record<string, string | undefined> =>
  Object.fromEntries(
    (pod.spec.containers[0].env ?? []).map(({ name, value }: { name: string; value?: string }) => [
      name,
      value,
    ]),
  )

/** Returns the audience of the token that the webhook projected into a pod. */
export function injectedAudience(pod: KubeObject): string | undefined {
  for (const volume of pod.spec.volumes ?? [])
    for (const source of volume.projected?.sources ?? [])
      if (source.serviceAccountToken?.audience !== undefined && /azure/.test(volume.name))
        return source.serviceAccountToken.audience
  return undefined
}

/** Returns a pod that is only submitted as a dry run. It satisfies the restricted Pod Security Standard. */
export const probePod = ({
  namespace,
  serviceAccount,
  os,
}: Pick<Settings, 'namespace' | 'serviceAccount' | 'os'>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'wi-setup-probe', namespace, labels: { [useLabel]: 'true' } },
  spec: {
    serviceAccountName: serviceAccount,
    automountServiceAccountToken: false,
    nodeSelector: { 'kubernetes.io/os': os },
    ...(os === 'linux'
      ? {
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            seccompProfile: { type: 'RuntimeDefault' },
          },
        }
      : {}),
    containers: [
      {
        name: 'probe',
        image: 'registry.k8s.io/pause:3.10',
        resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '10m', memory: '16Mi' } },
        ...(os === 'linux'
          ? { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }
          : {}),
      },
    ],
  },
})
