import type { User } from '@kubernetes/client-node'
import { limitText } from '../../base/limit-text.ts'
import { readFileLimited } from '../../base/read-limited.ts'
import { readLimits } from '../../base/read-limits.ts'
import { runProgram } from '../run-program.ts'
import { ServiceError } from '../service-error.ts'
import type { ExecCluster } from './exec-config.ts'

/** Characters of a program's error message that are shown. */
const maxReason = 400

interface ExecCredential {
  status?: {
    token?: string
    clientCertificateData?: string
    clientKeyData?: string
    expirationTimestamp?: string
  }
}

interface Exec {
  apiVersion?: string
  command?: string
  args?: string[] | null
  env?: { name: string; value: string }[] | null
  provideClusterInfo?: boolean
}

type Credential = NonNullable<ExecCredential['status']>

interface ExecOptions {
  cluster: ExecCluster
  env: Record<string, string | undefined>
  signal: AbortSignal
}

const execError = (code: string, message: string) =>
  new ServiceError({ service: 'kubernetes', code, message })

const base64 = (text: string) => Buffer.from(text).toString('base64')

const pluginErrors = {
  service: 'kubernetes',
  missing: 'ExecPluginNotFound',
  failed: 'ExecPluginFailed',
} as const

/** The user that a request is sent as. */
interface SignedInUser {
  user: User
  /** Discards the credential, because the API server has rejected it. */
  discard(): void
}

/**
 * Returns a function that runs a kubeconfig user's sign-in program, and returns the user with the program's credential;
 * undefined for a user without one. The credential is kept until it expires or is rejected, and requests that need one
 * at the same time share it. The library's own has no limits. Error codes: `ExecPluginNotFound`, `ExecPluginFailed`.
 */
export function makeExecPlugin(options: ExecOptions): (user: User) => Promise<SignedInUser | undefined> {
  let credential: Credential | undefined
  let running: Promise<Credential> | undefined
  async function run(exec: Exec): Promise<Credential> {
    try {
      credential = await runPlugin(exec, options)
      return credential
    } finally {
      running = undefined
    }
  }
  return async (user) => {
    const exec: Exec | undefined = user.exec ?? user.authProvider?.config?.exec
    if (!exec) return undefined
    if (!credential || isExpired(credential)) running ??= run(exec)
    const used = running ? await running : credential!
    const discard = () => {
      // Of several requests with the rejected credential, only the first discards it.
      if (credential === used) credential = undefined
    }
    return { user: withCredential(user, used), discard }
  }
}

const isExpired = ({ expirationTimestamp = '' }: Credential) => Date.parse(expirationTimestamp) <= Date.now()

function withCredential(user: User, credential: Credential): User {
  const { exec: _, authProvider: __, ...others } = user
  const { token, clientCertificateData, clientKeyData } = credential
  return {
    ...others,
    ...(token ? { token } : {}),
    ...(clientCertificateData ? { certData: base64(clientCertificateData) } : {}),
    ...(clientKeyData ? { keyData: base64(clientKeyData) } : {}),
  }
}

/** Returns `spec.cluster` of an ExecCredential (Kubernetes: client.authentication.k8s.io/v1, `Cluster`). */
async function clusterInfo(cluster: ExecCluster): Promise<Record<string, unknown>> {
  const { server, tlsServerName, skipTLSVerify, caData, caFile, proxyUrl, execConfig } = cluster
  const authority =
    caData ?? (caFile && (await readFileLimited(caFile, readLimits.configFile)).toString('base64'))
  return {
    server,
    'tls-server-name': tlsServerName,
    'insecure-skip-tls-verify': skipTLSVerify || undefined,
    'certificate-authority-data': authority,
    'proxy-url': proxyUrl,
    config: execConfig,
  }
}

async function runPlugin(exec: Exec, options: ExecOptions): Promise<Credential> {
  const { command, args, apiVersion } = exec
  if (!command) throw execError('KubeconfigInvalid', "The kubeconfig's user has no sign-in program")
  const failure = (reason: string) =>
    execError('ExecPluginFailed', `The kubeconfig's sign-in program "${command}" failed: ${reason}`)
  const cluster = exec.provideClusterInfo ? { cluster: await clusterInfo(options.cluster) } : {}
  const info = { kind: 'ExecCredential', apiVersion, spec: { ...cluster, interactive: false } }
  const env = {
    ...options.env,
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
    ...Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
  }
  const timeout = AbortSignal.timeout(readLimits.signInProgram)
  const signal = AbortSignal.any([options.signal, timeout])
  const result = await runProgram(command, args ?? [], { env, signal, errors: pluginErrors }).catch(
    (error: Error) => {
      options.signal.throwIfAborted()
      if (timeout.aborted) throw failure(`it did not end within ${readLimits.signInProgram / 1000} seconds`)
      if (!(error instanceof ServiceError)) throw error
      if (error.code !== pluginErrors.missing) throw failure(error.message)
      throw execError(
        error.code,
        `The kubeconfig's sign-in program "${command}" is not installed, or not on the PATH`,
      )
    },
  )
  if (result.exitCode !== 0)
    throw failure(reasonIn(result.stderr) ?? `exit code ${result.exitCode ?? '(none)'}`)
  const status = parse(result.stdout)?.status
  if (!status?.token && !status?.clientCertificateData) throw failure('it printed no credential')
  return status
}

/** Returns the line that says why; others, such as "Please run: az login", may follow it. */
function reasonIn(stderr: string): string | undefined {
  const lines = stderr.split('\n').flatMap((line) => line.trim() || [])
  const reason =
    lines.findLast((line) => /\berror\b|exception|AADSTS|\bfailed\b|\bdenied\b/i.test(line)) ?? lines.at(-1)
  return reason && limitText(reason, maxReason)
}

function parse(text: string): ExecCredential | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
