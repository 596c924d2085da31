import type { User } from '@kubernetes/client-node'
import { readLimits } from '../../base/read-limits.ts'
import { runProgram } from '../run-program.ts'
import { ServiceError } from '../service-error.ts'

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
}

interface ExecOptions {
  env: Record<string, string | undefined>
  signal: AbortSignal
}

const execError = (code: string, message: string) =>
  new ServiceError({ service: 'kubernetes', code, message })

const base64 = (text: string) => Buffer.from(text).toString('base64')

/**
 * Returns a function that runs a kubeconfig user's sign-in program, and returns the user with the program's credential;
 * undefined for a user without one. The credential is kept until it expires. The library's own has no limits. Error
 * codes: `ExecPluginNotFound`, `ExecPluginFailed`.
 */
export function makeExecPlugin(options: ExecOptions): (user: User) => Promise<User | undefined> {
  let credential: ExecCredential['status']
  const isExpired = () => Date.parse(credential?.expirationTimestamp ?? '') <= Date.now()
  return async (user) => {
    const exec: Exec | undefined = user.exec ?? user.authProvider?.config?.exec
    if (!exec) return undefined
    if (!credential || isExpired()) credential = await runPlugin(exec, options)
    const { exec: _, authProvider: __, ...others } = user
    const { token, clientCertificateData, clientKeyData } = credential
    return {
      ...others,
      ...(token ? { token } : {}),
      ...(clientCertificateData ? { certData: base64(clientCertificateData) } : {}),
      ...(clientKeyData ? { keyData: base64(clientKeyData) } : {}),
    }
  }
}

async function runPlugin(exec: Exec, options: ExecOptions): Promise<NonNullable<ExecCredential['status']>> {
  const { command, args, apiVersion } = exec
  if (!command) throw execError('KubeconfigInvalid', "The kubeconfig's user has no sign-in program")
  const failure = (reason: string) =>
    execError('ExecPluginFailed', `The kubeconfig's sign-in program "${command}" failed: ${reason}`)
  const info = { kind: 'ExecCredential', apiVersion, spec: { interactive: false } }
  const env = {
    ...options.env,
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
    ...Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
  }
  const timeout = AbortSignal.timeout(readLimits.signInProgram)
  const signal = AbortSignal.any([options.signal, timeout])
  const result = await runProgram(command, args ?? [], { env, signal, missing: 'ExecPluginNotFound' }).catch(
    (error: Error) => {
      options.signal.throwIfAborted()
      if (timeout.aborted) throw failure(`it did not end within ${readLimits.signInProgram / 1000} seconds`)
      if (!(error instanceof ServiceError)) throw error
      if (error.code !== 'ExecPluginNotFound') throw failure(error.message)
      throw execError(
        error.code,
        `The kubeconfig's sign-in program "${command}" is not installed, or not on the PATH`,
      )
    },
  )
  if (result.exitCode !== 0)
    throw failure(result.stderr.trim().split('\n').at(-1) || `exit code ${result.exitCode ?? '(none)'}`)
  const status = parse(result.stdout)?.status
  if (!status?.token && !status?.clientCertificateData) throw failure('it printed no credential')
  return status
}

function parse(text: string): ExecCredential | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
