import { kubectl } from '../base/command.ts'
import { check, pass, warn } from '../engine/check.ts'
import { clusterReachable } from './cluster.ts'

/** A name from a kubeconfig is never a flag. */
const positional = (name: string) => (name.startsWith('-') ? ['--', name] : [name])

export const certificatesVerified = check()({
  code: 'WI706',
  title: 'TLS certificates are verified',
  link: 'cluster',
  uses: ['kubeconfig'],
  needs: { api: clusterReachable },
  async run({ api, settings }) {
    const { insecure, cluster } = await api.kube.security()
    if (insecure.length === 0) return pass(true as const)
    const byVariable = insecure.includes('NODE_TLS_REJECT_UNAUTHORIZED')
    return warn(true as const, {
      detail: byVariable
        ? 'TLS certificates are not verified, so any server can impersonate Azure or the cluster and read your tokens'
        : "TLS certificates are not verified, so any server can impersonate the cluster's API server and read your tokens",
      is: byVariable ? 'NODE_TLS_REJECT_UNAUTHORIZED=0' : `insecure-skip-tls-verify: true, in the kubeconfig`,
      should: "certificates are verified; the kubeconfig has the cluster's certificate-authority-data",
      remedy: byVariable
        ? 'Remove NODE_TLS_REJECT_UNAUTHORIZED from the environment'
        : kubectl(
            ['config', 'set-cluster', '--insecure-skip-tls-verify=false', ...positional(cluster)],
            settings.kubeconfig === undefined ? {} : { kubeconfig: settings.kubeconfig },
          ),
    })
  },
})
