import { kubectl } from '../../base/command.ts'
import type { KubeObject, Kubernetes } from '../../clients/kubernetes.ts'
import { check, fail } from '../../engine/check.ts'
import { pause } from '../../engine/waiting.ts'
import { nodeImage } from '../../settings/pinned.ts'
import type { Settings } from '../../settings/settings.ts'
import { ownershipLabel } from '../../steps/ownership-label.ts'
import { notDenied } from '../deny-assignment.ts'
import { podInjected } from '../injection.ts'
import { clusterReadRights } from '../kubernetes-rights.ts'
import { tokenExchange } from '../token-exchange.ts'
import { vaultExists } from '../vault.ts'
import { accessModelMatches, accessPolicySet, roleAssigned } from '../vault-access.ts'
import { useLabel } from '../workloads/workload.ts'
import { proofPodName } from './pod-name.ts'
import { type PodReport, verdictFromReport } from './report.ts'
import { proofScript } from './script.ts'

/** Time limit for the pod, in milliseconds. */
const limitMs = 90_000

/** Runs only with `--in-cluster`, because it creates a pod. The pod is always deleted and has its own deadline. */
export const podProof = check()({
  code: 'WI601',
  title: 'A pod in the cluster can read the secret',
  link: 'sample',
  // Twice the limit, because an earlier run's pod must be deleted first.
  timeoutSeconds: (2 * limitMs) / 1000 + 30,
  uses: ['namespace', 'serviceAccount', 'secret', 'os', 'sampleImage', 'webhook'],
  needs: { api: clusterReadRights, injected: podInjected, vault: vaultExists },
  explainedBy: [tokenExchange, accessModelMatches, notDenied, roleAssigned, accessPolicySet],
  excludedWhen: (settings) =>
    settings.webhook === 'none' || (settings.os === 'windows' && settings.sampleImage === undefined),
  async run({ settings, api, vault, cloud, signal }) {
    const { kube } = api
    const { namespace } = settings
    const remedy = kubectl(['get', 'events'], {
      namespace,
      'field-selector': `involvedObject.name=${proofPodName}`,
    })
    try {
      await kube.remove('Pod', proofPodName, namespace)
      await until(signal, async () => !(await kube.get('Pod', proofPodName, namespace)))
      await kube.apply(podFor(settings, vault.uri, `https://${cloud.vaultSuffix}/.default`))
      let pod: KubeObject | undefined
      const ended = await until(signal, async () => {
        pod = await kube.get('Pod', proofPodName, namespace)
        return ['Succeeded', 'Failed'].includes(pod?.status?.phase) || startError(pod)
      })
      if (ended !== true)
        return fail({
          detail: `Pod ${namespace}/${proofPodName} did not finish: ${ended || schedulingError(pod) || 'it was not started'}`,
          remedy,
        })
      return verdictFromReport(await readReport(kube, namespace), { namespace, node: pod?.spec?.nodeName })
    } finally {
      await kube.remove('Pod', proofPodName, namespace)
    }
  },
})

/** Polls until the result isn't `false`. Returns `false` after the time limit. */
async function until<T>(signal: AbortSignal, poll: () => Promise<T | false>): Promise<T | false> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const result = await poll()
    if (result !== false || performance.now() > deadline) return result
    await pause(500, signal)
  }
}

/** Returns why the pod's container can't start, if waiting doesn't help. */
function startError(pod: KubeObject | undefined): string | false {
  const waiting = pod?.status?.containerStatuses?.[0]?.state?.waiting
  return /ErrImage|ImagePullBackOff|InvalidImageName|CreateContainer\w{0,40}Error/.test(waiting?.reason ?? '')
    ? `${waiting.reason}: ${waiting.message ?? ''}`
    : false
}

/** Returns why no node accepts the pod. */
const schedulingError = (pod: KubeObject | undefined): string | undefined =>
  (pod?.status?.conditions as { type: string; status: string; message?: string }[] | undefined)?.find(
    ({ type, status }) => type === 'PodScheduled' && status === 'False',
  )?.message

async function readReport(kube: Kubernetes, namespace: string): Promise<PodReport | undefined> {
  const log = await kube.log(namespace, proofPodName)
  try {
    return JSON.parse(log.trim().split('\n').at(-1) ?? '') as PodReport
  } catch {
    return undefined
  }
}

type PodSettings = Pick<Settings, 'namespace' | 'serviceAccount' | 'secret' | 'os' | 'sampleImage'>

const podFor = (settings: PodSettings, vaultUri: string, scope: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: proofPodName,
    namespace: settings.namespace,
    labels: { ...ownershipLabel, [useLabel]: 'true' },
  },
  spec: {
    serviceAccountName: settings.serviceAccount,
    automountServiceAccountToken: false,
    restartPolicy: 'Never',
    activeDeadlineSeconds: limitMs / 1000,
    terminationGracePeriodSeconds: 1,
    nodeSelector: { 'kubernetes.io/os': settings.os },
    ...(settings.os === 'linux'
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
        name: 'inside',
        image: settings.sampleImage ?? nodeImage,
        imagePullPolicy: 'IfNotPresent',
        command: ['node', '--input-type=module', '--eval', proofScript],
        env: [
          { name: 'KEYVAULT_URL', value: vaultUri },
          { name: 'SECRET_NAME', value: settings.secret },
          { name: 'VAULT_SCOPE', value: scope },
        ],
        resources: {
          requests: { cpu: '10m', memory: '48Mi' },
          limits: { cpu: '500m', memory: settings.os === 'windows' ? '256Mi' : '128Mi' },
        },
        ...(settings.os === 'linux'
          ? {
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
            }
          : {}),
      },
    ],
  },
})
