import { quoted } from '../../base/shell.ts'
import type { KubeObject, Kubernetes } from '../../clients/kubernetes.ts'
import { check } from '../../engine/check.ts'
import { sampleName } from '../../steps/sample.ts'
import { clusterReachable } from '../cluster.ts'
import { accountAnnotated } from '../service-account.ts'
import { withFlag } from '../with-flag.ts'
import { isTerminated, topOwner } from '../workloads/cluster-workloads.ts'
import { postureVerdict, skipIfForbidden } from './verdict.ts'

const restartable = ['Deployment', 'StatefulSet', 'DaemonSet']

/** Returns a remedy that runs the command, then recreates the pods: by a rollout, or by hand if no controller can do one. */
async function thenRecreatePods(
  kube: Kubernetes,
  pods: readonly KubeObject[],
  command: string,
): Promise<string> {
  const owners = await Promise.all(pods.map((pod) => topOwner(kube, pod)))
  const names = [...new Set(owners.map(({ object: { kind, metadata } }) => `${kind}/${metadata.name}`))]
  const others = names.filter((name) => !restartable.includes(name.split('/')[0]!))
  if (others.length) return `Run ${command}, then recreate ${names.join(', ')}`
  const namespace = quoted(pods[0]!.metadata.namespace!)
  return [
    command,
    ...['restart', 'status'].flatMap((what) =>
      names.map((name) => `kubectl -n ${namespace} rollout ${what} ${quoted(name.toLowerCase())}`),
    ),
  ].join(' && ')
}

/** Reports whether a pod mounts a token for the Kubernetes API. */
const hasApiToken = ({ spec }: KubeObject) =>
  ((spec?.volumes ?? []) as { name: string }[]).some(({ name }) => name.startsWith('kube-api-access-'))

export const apiTokenDisabled = check()({
  code: 'WI811',
  title: "The service account's pods get no Kubernetes API token",
  link: 'service account',
  level: 'warning',
  uses: ['namespace', 'serviceAccount'],
  needs: { api: clusterReachable, account: accountAnnotated },
  run: ({ settings: { namespace, serviceAccount }, api }) =>
    skipIfForbidden(async () => {
      const found = await api.kube.get('ServiceAccount', serviceAccount, namespace)
      if (found?.automountServiceAccountToken === false) return postureVerdict([])
      return postureVerdict([
        {
          detail: `Every pod of service account ${namespace}/${serviceAccount} gets a Kubernetes API token, which access to Azure doesn't need (CIS 5.1.6)`,
          is: `automountServiceAccountToken: ${found?.automountServiceAccountToken ?? '(not set)'}`,
          should: 'automountServiceAccountToken: false',
          remedy: `kubectl -n ${quoted(namespace)} patch serviceaccount ${quoted(serviceAccount)} -p '{"automountServiceAccountToken":false}'`,
        },
      ])
    }),
})

export const defaultAccountUnused = check()({
  code: 'WI812',
  title: 'No pod in the namespace runs as default with a Kubernetes API token',
  link: 'service account',
  level: 'warning',
  uses: ['namespace'],
  needs: { api: clusterReachable },
  run: ({ settings: { namespace }, api }) =>
    skipIfForbidden(async () => {
      const pods = (await api.kube.list('Pod', namespace)).filter(
        (pod) => !isTerminated(pod) && pod.spec?.serviceAccountName === 'default' && hasApiToken(pod),
      )
      const [first] = pods
      if (!first) return postureVerdict([])
      const more = pods.length > 1 ? ` and ${pods.length - 1} more` : ''
      return postureVerdict([
        {
          detail: `Pod ${namespace}/${first.metadata.name}${more} runs as the default service account with a Kubernetes API token (CIS 5.1.5)`,
          is: 'automountServiceAccountToken is not false',
          should: 'a dedicated service account, or no token',
          remedy: await thenRecreatePods(
            api.kube,
            pods,
            `kubectl -n ${quoted(namespace)} patch serviceaccount default -p '{"automountServiceAccountToken":false}'`,
          ),
        },
      ])
    }),
})

const lifetimeKey = 'azure.workload.identity/service-account-token-expiration'
const hour = 3600

export const tokenLifetimeShort = check()({
  code: 'WI813',
  title: "The workload's tokens expire within an hour",
  link: 'service account',
  level: 'warning',
  uses: ['namespace', 'serviceAccount'],
  needs: { account: accountAnnotated },
  run: async ({ settings: { namespace, serviceAccount }, account }) => {
    const seconds = Number(account.annotations[lifetimeKey] ?? hour)
    return postureVerdict(
      seconds > hour
        ? [
            {
              detail: `A stolen token of ${namespace}/${serviceAccount} works for up to ${Math.round((seconds / hour) * 10) / 10} hours`,
              is: `${seconds} s`,
              should: `${hour} s`,
              remedy: `kubectl -n ${quoted(namespace)} annotate serviceaccount ${quoted(serviceAccount)} ${lifetimeKey}-`,
            },
          ]
        : [],
    )
  },
})

export const sampleRemoved = check()({
  code: 'WI814',
  title: 'The sample app is removed after testing',
  link: 'sample',
  level: 'warning',
  uses: ['namespace', 'secret'],
  needs: { api: clusterReachable },
  run: ({ settings: { namespace, secret }, api }) =>
    skipIfForbidden(async () =>
      postureVerdict(
        (await api.kube.get('Deployment', sampleName, namespace))
          ? [
              {
                detail: `Anyone who can reach the sample app in the cluster can read ${secret}. The set-up deploys it for a first test; --no-sample leaves it out.`,
                is: `Deployment ${namespace}/${sampleName}`,
                should: '(none, after the first test)',
                remedy: `kubectl -n ${quoted(namespace)} delete deployment,service,configmap ${sampleName}`,
              },
            ]
          : [],
      ),
    ),
})

const levelKey = 'pod-security.kubernetes.io/enforce'

export const podSecurityEnforced = check()({
  code: 'WI815',
  title: 'The namespace enforces a Pod Security Standard',
  link: 'cluster',
  level: 'warning',
  uses: ['namespace', 'os'],
  needs: { api: clusterReachable },
  // The standards restrict Linux pods.
  excludedWhen: (settings) => settings.os === 'windows',
  run: ({ settings: { namespace }, api }) =>
    skipIfForbidden(async () => {
      const found = await api.kube.get('Namespace', namespace)
      const level = found?.metadata.labels?.[levelKey]
      if (level === 'baseline' || level === 'restricted') return postureVerdict([])
      return postureVerdict([
        {
          detail: `Namespace ${namespace} allows privileged pods, which can read the tokens of all other pods on their node (CIS 5.2.1)`,
          is: level ?? '(none)',
          should: 'restricted or baseline',
          remedy: `kubectl label --overwrite namespace ${quoted(namespace)} ${levelKey}=baseline`,
        },
      ])
    }),
})

export const dedicatedNamespace = check()({
  code: 'WI816',
  title: "The workload's namespace isn't default",
  link: 'cluster',
  level: 'warning',
  uses: ['namespace', 'serviceAccount'],
  needs: {},
  run: async ({ settings: { namespace, serviceAccount }, command }) =>
    postureVerdict(
      namespace === 'default'
        ? [
            {
              detail: 'Anyone who can create pods in the default namespace can use this identity (CIS 5.7.4)',
              is: 'default',
              should: 'a dedicated namespace',
              remedy: withFlag(
                command(''),
                '--namespace',
                serviceAccount === 'default' ? 'vault-reader' : serviceAccount,
              ),
            },
          ]
        : [],
    ),
})
