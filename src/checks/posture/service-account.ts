import { inSequence, instruction, kubectl, type Remedy, type Script } from '../../base/command.ts'
import type { KubeObject, Kubernetes } from '../../clients/kubernetes.ts'
import { check } from '../../engine/check.ts'
import { clusterReachable } from '../cluster.ts'
import { accountAnnotated, tokenLifetimeKey } from '../service-account.ts'
import { isTerminated, topOwner } from '../workloads/cluster-workloads.ts'
import { postureVerdict, skipIfForbidden } from './verdict.ts'

const withoutToken = { patch: JSON.stringify({ automountServiceAccountToken: false }) }

const restartable = ['deployment', 'statefulset', 'daemonset']

/** Returns a remedy that runs the command, then recreates the pods: by a rollout, or by hand if no controller can do one. */
async function thenRecreatePods(
  kube: Kubernetes,
  pods: readonly KubeObject[],
  command: Script,
): Promise<Remedy> {
  const owners = await Promise.all(pods.map((pod) => topOwner(kube, pod)))
  const names = [
    ...new Set(owners.map(({ object: { kind, metadata } }) => `${kind.toLowerCase()}/${metadata.name}`)),
  ]
  const others = names.filter((name) => !restartable.includes(name.split('/')[0]!))
  if (others.length) return instruction`Run ${command}, then recreate ${names.join(', ')}`
  const { namespace } = pods[0]!.metadata
  return inSequence(
    command,
    ...['restart', 'status'].flatMap((what) =>
      names.map((name) => kubectl(['rollout', what, name], { namespace })),
    ),
  )
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
          remedy: kubectl(['patch', `serviceaccount/${serviceAccount}`], { namespace, ...withoutToken }),
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
            kubectl(['patch', 'serviceaccount/default'], { namespace, ...withoutToken }),
          ),
        },
      ])
    }),
})

const hour = 3600

export const tokenLifetimeShort = check()({
  code: 'WI813',
  title: "The workload's tokens expire within an hour",
  link: 'service account',
  level: 'warning',
  uses: ['namespace', 'serviceAccount'],
  needs: { account: accountAnnotated },
  run: async ({ settings: { namespace, serviceAccount }, account }) => {
    const seconds = Number(account.annotations[tokenLifetimeKey] ?? hour)
    return postureVerdict(
      seconds > hour
        ? [
            {
              detail: `A stolen token of ${namespace}/${serviceAccount} works for up to ${Math.round((seconds / hour) * 10) / 10} hours`,
              is: `${seconds} s`,
              should: `${hour} s`,
              remedy: kubectl(['annotate', `serviceaccount/${serviceAccount}`, `${tokenLifetimeKey}-`], {
                namespace,
              }),
            },
          ]
        : [],
    )
  },
})
