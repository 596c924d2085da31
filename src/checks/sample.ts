import type { Kubernetes } from '../clients/kubernetes.ts'
import { hasCode } from '../clients/service-error.ts'
import { check, couldNotRun, fail, pass } from '../engine/check.ts'
import type { Settings } from '../settings/settings.ts'
import { sampleName } from '../steps/sample-manifests.ts'
import { podInjected } from './injection.ts'
import { clusterReadRights } from './kubernetes-rights.ts'
import { secretReadable } from './secret.ts'
import { workloadRuleChecks } from './workloads/rule-checks.ts'

export const sampleReturnsSecret = check()({
  code: 'WI604',
  title: 'The sample app returns the secret',
  link: 'sample',
  uses: ['namespace', 'secret', 'sample'],
  needs: { api: clusterReadRights, read: secretReadable },
  explainedBy: [podInjected, ...workloadRuleChecks],
  explainedFor: `Deployment/${sampleName}`,
  excludedWhen: (settings) =>
    !settings.sample ||
    settings.webhook === 'none' ||
    (settings.os === 'windows' && settings.sampleImage === undefined),
  async run({ settings, api, read, command, print }) {
    const { status, body } = await proxied(api.kube, settings)
    // The API server returns 404 for a missing service.
    if (status === 404 && /services \\?"/.test(body))
      return { status: 'skip', detail: `not deployed; to deploy it, run ${print(command('sample'))}` }
    if (isUnreachable(status, body)) {
      const deployment = await api.kube.get('Deployment', sampleName, settings.namespace)
      // The kubelet's probe reaches the pod, so the sample serves.
      if (deployment?.status?.availableReplicas)
        return couldNotRun(
          "the sample's pod is ready, but the API server's proxy can't reach it: a network policy or a firewall may block it. kubectl port-forward still works",
        )
    }
    const remedy = command('sample')
    const answer = parse(body)
    // Both the sample and the API server answer in JSON.
    if (status >= 500 && !answer)
      return couldNotRun(
        `something between this machine and the sample app, such as a proxy, returned status ${status}`,
      )
    if (status !== 200)
      return fail({
        detail:
          `The sample app returned ${status}: ${answer?.error?.code ?? ''} ${answer?.error?.message ?? answer?.message ?? ''}`.trim(),
        remedy,
        transient: true,
        ...(isAboutIdentity(status, answer?.error?.code) ? {} : { unexplained: true }),
      })
    return answer?.value === read.value
      ? pass(true as const)
      : fail({
          detail: 'The sample app returned a different value than the vault holds',
          remedy,
          transient: true,
          unexplained: true,
        })
  },
})

/** Returns the sample's response; 504 if there is none in time. */
async function proxied(kube: Kubernetes, { namespace, secret }: Pick<Settings, 'namespace' | 'secret'>) {
  try {
    return await kube.proxyGet(namespace, `${sampleName}:80`, `secrets/${secret}`)
  } catch (error) {
    if (!hasCode(error, 'ETIMEDOUT')) throw error
    return { status: 504, body: 'error trying to reach service: timeout' }
  }
}

/** The pod does not start, has no token, or has another identity's. Anything else is a fault of the sample itself. */
const isAboutIdentity = (status: number, code = '') =>
  [403, 500, 503].includes(status) || code.startsWith('AADSTS')

/** The API server's own response: it got no connection to the pod. */
const isUnreachable = (status: number, body: string) =>
  status >= 500 && /error trying to reach service/.test(body) && /timeout|deadline|no route|reset/.test(body)

interface Answer {
  value?: string
  message?: string
  error?: { code?: string; message?: string }
}

/** Returns the response's object; undefined if it is something else, such as a page. */
function parse(body: string): Answer | undefined {
  try {
    const found: unknown = JSON.parse(body)
    return typeof found === 'object' && found !== null ? found : undefined
  } catch {
    return undefined
  }
}
