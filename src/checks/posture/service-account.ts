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

/** Runs this, then makes the pods anew: by what made them, or in words for those that nothing will make again. */
async function andAnew(kube: Kubernetes, pods: readonly KubeObject[], run: string): Promise<string> {
  const tops = await Promise.all(pods.map((pod) => topOwner(kube, pod)))
  const names = [...new Set(tops.map(({ object: { kind, metadata } }) => `${kind}/${metadata.name}`))]
  const others = names.filter((name) => !restartable.includes(name.split('/')[0]!))
  if (others.length) return `First ${run}, then make anew: ${names.join(', ')}`
  const namespace = quoted(pods[0]!.metadata.namespace!)
  return [
    run,
    ...['restart', 'status'].flatMap((what) =>
      names.map((name) => `kubectl -n ${namespace} rollout ${what} ${quoted(name.toLowerCase())}`),
    ),
  ].join(' && ')
}

/** Of a pod that has the token of the Kubernetes API. */
const hasApiToken = ({ spec }: KubeObject) =>
  ((spec?.volumes ?? []) as { name: string }[]).some(({ name }) => name.startsWith('kube-api-access-'))

export const apiTokenDisabled = check()({
  code: 'WI811',
  title: 'The service account puts no token of the Kubernetes API into its pods',
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
          detail:
            'Every pod of the service account gets a token of the Kubernetes API, which access to Azure does not need (CIS 5.1.6)',
          is: `automountServiceAccountToken: ${found?.automountServiceAccountToken ?? '(not set)'}`,
          should: 'automountServiceAccountToken: false',
          remedy: `kubectl -n ${quoted(namespace)} patch serviceaccount ${quoted(serviceAccount)} -p '{"automountServiceAccountToken":false}'`,
        },
      ])
    }),
})

export const defaultAccountUnused = check()({
  code: 'WI812',
  title: 'No pod in the namespace runs as default with a token of the Kubernetes API',
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
          detail: `The pod ${first.metadata.name}${more} runs as default, with a token of the Kubernetes API (CIS 5.1.5)`,
          is: 'automountServiceAccountToken not false',
          should: 'a service account of its own, or no token',
          remedy: await andAnew(
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
  title: 'Its tokens last no longer than an hour',
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
              detail: `A token that is taken away can be used for ${Math.round((seconds / hour) * 10) / 10} hours`,
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
  title: 'The sample is not left behind',
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
                detail: `Whoever reaches the sample in the cluster can read ${secret}. A set-up makes it to be tried out; --no-sample leaves it out`,
                is: `Deployment ${namespace}/${sampleName}`,
                should: '(none, once it was tried)',
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
  // What it asks for is Linux's.
  excludedWhen: (settings) => settings.os === 'windows',
  run: ({ settings: { namespace }, api }) =>
    skipIfForbidden(async () => {
      const home = await api.kube.get('Namespace', namespace)
      const level = home?.metadata.labels?.[levelKey]
      if (level === 'baseline' || level === 'restricted') return postureVerdict([])
      return postureVerdict([
        {
          detail: `A pod in ${namespace} may be privileged, and then reads the tokens of all others on its node (CIS 5.2.1)`,
          is: level ?? '(none)',
          should: 'restricted, or baseline',
          remedy: `kubectl label --overwrite namespace ${quoted(namespace)} ${levelKey}=baseline`,
        },
      ])
    }),
})

export const dedicatedNamespace = check()({
  code: 'WI816',
  title: 'The workload has a namespace of its own',
  link: 'cluster',
  level: 'warning',
  uses: ['namespace', 'serviceAccount'],
  needs: {},
  run: async ({ settings: { namespace, serviceAccount }, command }) =>
    postureVerdict(
      namespace === 'default'
        ? [
            {
              detail:
                'Whoever may make pods in the namespace may be this identity, and default is everybody’s (CIS 5.7.4)',
              is: 'default',
              should: 'a namespace of its own',
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
