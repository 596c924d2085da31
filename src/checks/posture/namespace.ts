import { kubectl, withFlag } from '../../base/command.ts'
import { check } from '../../engine/check.ts'
import { sampleName } from '../../steps/sample-manifests.ts'
import { clusterReachable } from '../cluster.ts'
import { postureVerdict, skipIfForbidden } from './verdict.ts'

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
                detail: `Anyone who can reach the sample app in the cluster can read ${secret}; its NetworkPolicy keeps pods out only if the cluster's network plugin enforces it. The set-up deploys it for a first test; --no-sample leaves it out.`,
                is: `Deployment ${namespace}/${sampleName}`,
                should: '(none, after the first test)',
                remedy: kubectl(['delete', 'deployment,service,configmap,networkpolicy', sampleName], {
                  namespace,
                }),
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
          remedy: kubectl(['label', '--overwrite', `namespace/${namespace}`, `${levelKey}=baseline`]),
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
