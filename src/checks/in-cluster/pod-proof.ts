import type { KubeObject, Kubernetes } from '../../clients/kubernetes.ts'
import { check, fail } from '../../engine/check.ts'
import { pause } from '../../engine/run.ts'
import type { Settings } from '../../settings/settings.ts'
import { ownershipLabel } from '../../steps/ownership-label.ts'
import { podInjected } from '../injection.ts'
import { clusterReadRights } from '../kubernetes-rights.ts'
import { vaultExists } from '../vault.ts'
import { proofPodName } from './pod-name.ts'
import { type PodReport, verdictFromReport } from './report.ts'
import { proofScript } from './script.ts'

const longest = 90_000

/** Only on request: it makes a pod. That is removed again whatever happens, and ends by itself. */
export const podProof = check()({
  code: 'WI601',
  title: 'A pod in the cluster gets in from inside',
  link: 'sample',
  // Twice as long as it may take: the pod of an earlier run has to go first.
  timeoutSeconds: (2 * longest) / 1000 + 30,
  uses: ['namespace', 'serviceAccount', 'secret', 'os', 'sampleImage', 'webhook'],
  needs: { api: clusterReadRights, injected: podInjected, vault: vaultExists },
  excludedWhen: (settings) =>
    settings.webhook === 'none' || (settings.os === 'windows' && settings.sampleImage === undefined),
  async run({ settings, api, vault, cloud, signal }) {
    const { kube } = api
    const { namespace } = settings
    const look = `kubectl -n ${namespace} get events --field-selector involvedObject.name=${proofPodName}`
    try {
      await kube.remove('Pod', proofPodName, namespace)
      await until(signal, async () => !(await kube.fresh('Pod', proofPodName, namespace)))
      await kube.apply(probe(settings, vault.uri, `https://${cloud.vaultSuffix}/.default`))
      let pod: KubeObject | undefined
      const ended = await until(signal, async () => {
        pod = await kube.fresh('Pod', proofPodName, namespace)
        return ['Succeeded', 'Failed'].includes(pod?.status?.phase) || stuck(pod)
      })
      if (ended !== true)
        return fail({
          detail: `The pod did not come to an end: ${ended || unplaced(pod) || 'it was not started'}`,
          remedy: look,
        })
      return verdictFromReport(await reportOf(kube, namespace), { namespace, node: pod?.spec?.nodeName })
    } finally {
      await kube.remove('Pod', proofPodName, namespace)
    }
  },
})

/** Asks until the answer is no `false`; `false` when the time is over. */
async function until<T>(signal: AbortSignal, ask: () => Promise<T | false>): Promise<T | false> {
  const deadline = performance.now() + longest
  for (;;) {
    const answer = await ask()
    if (answer !== false || performance.now() > deadline) return answer
    await pause(500, signal)
  }
}

/** Why the pod's container cannot start, as far as waiting does not help. */
function stuck(pod: KubeObject | undefined): string | false {
  const waiting = pod?.status?.containerStatuses?.[0]?.state?.waiting
  return /ErrImage|ImagePullBackOff|InvalidImageName|CreateContainer\w*Error/.test(waiting?.reason ?? '')
    ? `${waiting.reason}: ${waiting.message ?? ''}`
    : false
}

/** Why no node takes the pod. */
const unplaced = (pod: KubeObject | undefined): string | undefined =>
  (pod?.status?.conditions as { type: string; status: string; message?: string }[] | undefined)?.find(
    ({ type, status }) => type === 'PodScheduled' && status === 'False',
  )?.message

async function reportOf(kube: Kubernetes, namespace: string): Promise<PodReport | undefined> {
  const log = await kube.log(namespace, proofPodName)
  try {
    return JSON.parse(log.trim().split('\n').at(-1) ?? '') as PodReport
  } catch {
    return undefined
  }
}

type ProbeSettings = Pick<Settings, 'namespace' | 'serviceAccount' | 'secret' | 'os' | 'sampleImage'>

const probe = (settings: ProbeSettings, vaultUri: string, scope: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: proofPodName,
    namespace: settings.namespace,
    labels: { ...ownershipLabel, 'azure.workload.identity/use': 'true' },
  },
  spec: {
    serviceAccountName: settings.serviceAccount,
    automountServiceAccountToken: false,
    restartPolicy: 'Never',
    activeDeadlineSeconds: longest / 1000,
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
        image: settings.sampleImage ?? 'node:24-alpine',
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
