import { fail, pass, type Verdict } from '../../engine/check.ts'
import { explain } from '../../explain/index.ts'

/** What the pod tells: the line that `sample/inside.mjs` prints. */
export interface PodReport {
  step: 'injection' | 'exchange' | 'vault' | 'done'
  /** Which part of the step's request it was at. */
  part: '' | 'name' | 'way' | 'proxy' | 'answer'
  host: string
  /** The one between the pod and the host; empty without. */
  proxy: string
  ok: boolean
  code: string
  message: string
  /** The node's clock against the service's. */
  skewSeconds: number
}

const certificate = /CERT|LEAF_SIGNATURE|ISSUER/
/** Refusals of a token or a certificate that is too old or too new. */
const byClock = /^(AADSTS700024|AADSTS500133|CERT_NOT_YET_VALID|CERT_HAS_EXPIRED)$/

/** Names the fault that the pod ran into, and where it is mended. */
export function verdictFromReport(
  report: PodReport | undefined,
  { namespace, node = '' }: { namespace: string; node?: string },
): Verdict<true> {
  const network = `kubectl -n ${namespace} get networkpolicies   (and the firewall and routes of the nodes)`
  if (!report) return fail({ detail: 'The pod told nothing; its image may have no Node.js', remedy: network })
  const { ok, step, part, host, proxy, code, message, skewSeconds } = report
  const clock = `kubectl debug node/${node || '…'} --stdin --tty --image=busybox -- chroot /host timedatectl`
  const off = `The clock of the node${node ? ` ${node}` : ''} is off by ${skewSeconds} s`
  const isOff = Math.abs(skewSeconds) > 60
  if (ok && isOff)
    return { status: 'warn', out: true, detail: `${off}; Entra refuses tokens from 300 s on`, remedy: clock }
  if (ok) return pass(true, 'exchange and vault')
  const said = `${code} ${message}`.trim()
  const not = (detail: string, remedy: string) =>
    fail({ detail: `${detail}: ${said}`, remedy, transient: true })
  if (step === 'injection')
    return not('The pod was not given its token', `kubectl -n ${namespace} get pods --show-labels`)
  const what = step === 'exchange' ? 'Entra' : 'the vault'
  if (proxy && part !== 'answer')
    return not(
      part === 'proxy'
        ? `The proxy ${proxy} of the pod's environment does not let it through to ${host}`
        : `The proxy ${proxy} of the pod's environment (HTTPS_PROXY) cannot be ${part === 'name' ? 'looked up' : 'reached'}`,
      `kubectl -n ${namespace} get pods --output yaml | grep -A1 _PROXY   (on AKS: az aks show --query httpProxyConfig)`,
    )
  if (part === 'name')
    return not(
      `The pod cannot look up ${host} (${what}): DNS in the cluster`,
      'kubectl -n kube-system get pods,configmaps --selector k8s-app=kube-dns   (for a private endpoint also its DNS zone)',
    )
  if (part === 'way') return not(`The pod cannot reach ${host} (${what}): egress is blocked`, network)
  if (isOff) return not(off, clock)
  if (byClock.test(code))
    return not(
      code.startsWith('CERT')
        ? `By the clock of the node the certificate of ${host} is not valid`
        : "Entra refuses the dates of the token: the cluster's clock and Entra's differ",
      clock,
    )
  if (certificate.test(code))
    return not(`Something between the pod and ${host} puts a certificate of its own in place`, network)
  const { what: happened, remedy } = explain({ code, message })
  return not(
    `${step === 'exchange' ? 'The pod gets no token from Entra' : 'The pod does not get the secret'}: ${happened}`,
    remedy,
  )
}
