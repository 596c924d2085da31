import { az, instruction, kubectl, piped, program, type Remedy } from '../../base/command.ts'
import { fail, pass, type Verdict } from '../../engine/check.ts'
import { explain } from '../../explain/index.ts'

/** The report that the pod prints as its last line of output (`sample/inside.mjs`). */
export interface PodReport {
  step: 'injection' | 'exchange' | 'vault' | 'done'
  /** Stage that the step's request reached. */
  part: '' | 'name' | 'connect' | 'proxy' | 'answer'
  host: string
  /** HTTPS proxy between the pod and the host; empty if none. */
  proxy: string
  ok: boolean
  code: string
  message: string
  /** The node's clock minus the service's. */
  skewSeconds: number
}

const certificateError = /CERT|LEAF_SIGNATURE|ISSUER/
/** Errors about a token or certificate that has expired or is not valid yet. */
const clockError = /^(AADSTS700024|AADSTS500133|CERT_NOT_YET_VALID|CERT_HAS_EXPIRED)$/

/** Returns what stopped the pod and how to fix it. */
export function verdictFromReport(
  report: PodReport | undefined,
  { namespace, node = '' }: { namespace: string; node?: string },
): Verdict<true> {
  const network = instruction`Run ${kubectl(['get', 'networkpolicies'], { namespace })}, and check the nodes' firewall and routes`
  if (!report)
    return fail({ detail: 'The pod printed no report; its image may lack Node.js', remedy: network })
  const { ok, step, code, message, skewSeconds } = report
  const clock = kubectl([
    'debug',
    `node/${node || '…'}`,
    '--stdin',
    '--tty',
    '--image=busybox',
    '--',
    'chroot',
    '/host',
    'timedatectl',
  ])
  const skewed = `The clock of node${node ? ` ${node}` : ''} is off by ${skewSeconds} s`
  const isSkewed = Math.abs(skewSeconds) > 60
  if (ok && isSkewed)
    return { status: 'warn', out: true, detail: `${skewed}; Entra rejects tokens from 300 s`, remedy: clock }
  if (ok) return pass(true, 'token exchange and vault')
  const failure = ([detail, remedy]: Diagnosis) =>
    ({ detail: `${detail}: ${`${code} ${message}`.trim()}`, remedy, transient: true }) as const
  const failed = (diagnosis: Diagnosis) => fail({ ...failure(diagnosis), unexplained: true })
  if (step === 'injection')
    return failed([
      'The pod did not receive its token',
      kubectl(['get', 'pods', '--show-labels'], { namespace }),
    ])
  const connection = connectionDiagnosis(report, namespace, network)
  if (connection) return failed(connection)
  if (isSkewed) return failed([skewed, clock])
  if (clockError.test(code))
    return failed([
      code.startsWith('CERT')
        ? `The certificate of ${report.host} is not valid by the node's clock`
        : "Entra rejects the token's dates, because the cluster's clock differs from Entra's",
      clock,
    ])
  if (certificateError.test(code))
    return failed([`Something between the pod and ${report.host} replaces the TLS certificate`, network])
  const { what, remedy } = explain({ code, message })
  // An answer of the service itself, which the chain's own checks may explain.
  const answered: Diagnosis = [
    `${step === 'exchange' ? 'The pod gets no token from Entra' : 'The pod cannot read the secret'}: ${what}`,
    remedy,
  ]
  return fail(failure(answered))
}

type Diagnosis = [detail: string, remedy: Remedy]

/** Returns why the pod did not reach the host, or undefined if the host answered. */
function connectionDiagnosis(
  { step, part, host, proxy }: PodReport,
  namespace: string,
  network: Remedy,
): Diagnosis | undefined {
  const service = step === 'exchange' ? 'Entra' : 'the vault'
  if (proxy && part !== 'answer')
    return [
      part === 'proxy'
        ? `The proxy ${proxy} from the pod's environment refuses connections to ${host}`
        : `The proxy ${proxy} from the pod's environment (HTTPS_PROXY) cannot be ${part === 'name' ? 'resolved' : 'reached'}`,
      instruction`Run ${piped(
        kubectl(['get', 'pods'], { namespace, output: 'yaml' }),
        program('grep', '-A1', '_PROXY'),
      )}; on AKS, also ${az('aks show', { 'resource-group': '…', name: '…', query: 'httpProxyConfig' })}`,
    ]
  if (part === 'name')
    return [
      `The pod cannot resolve ${host} (${service}) by the cluster's DNS`,
      instruction`Run ${kubectl(['get', 'pods,configmaps'], { namespace: 'kube-system', selector: 'k8s-app=kube-dns' })}; for a private endpoint, check its DNS zone too`,
    ]
  if (part === 'connect')
    return [`The pod cannot connect to ${host} (${service}); egress is blocked`, network]
  return undefined
}
