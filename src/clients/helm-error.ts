import type { ProgramResult } from './run-program.ts'
import { type FailedRequest, ServiceError } from './service-error.ts'

/** The status in Helm's error, such as `failed to fetch https://…/index.yaml : 503 Service Unavailable`. */
const statusPattern =
  /\b(?<status>408|429|50[0234]) (?:Request Timeout|Too Many Requests|Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)|\bstatus(?: code)?:? (?<code>408|429|50[0234])\b/i

const downloadPattern = /looks like "|failed to (?:fetch|download|do request|authorize)|index\.yaml|\/v2\//

/** What each command does with the release. */
const verbs: Readonly<Record<string, string>> = {
  history: 'read',
  get: 'read',
  upgrade: 'install',
  rollback: 'recover',
  uninstall: 'uninstall',
}

interface HelmCall {
  command: readonly string[]
  /** The release, then the chart; or the chart alone. */
  names: readonly string[]
  attempts: number
}

function requestOf(message: string, { command, names, attempts }: HelmCall): Omit<FailedRequest, 'status'> {
  const [verb = ''] = command
  const chart = verb === 'upgrade' ? names[1] : names[0]
  const resource = /https?:\/\/[^\s"?]+|oci:\/\/[^\s"?]+/.exec(message)?.[0]
  const isDownload = ['pull', 'show'].includes(verb) || downloadPattern.test(message)
  const base = { attempts, retryAfterMs: undefined }
  return isDownload
    ? { ...base, service: 'helm', operation: `download chart ${chart}`, resource: resource ?? String(chart) }
    : {
        ...base,
        service: 'kubernetes',
        operation: `${verbs[verb] ?? 'read'} Helm release ${names[0]}`,
        resource: resource ?? String(names[0]),
      }
}

/** Returns the error of a helm command that failed, with the service behind it: the repository or the cluster. */
export function helmError({ stderr, exitCode }: ProgramResult, call: HelmCall): ServiceError {
  const lines = stderr.split('\n').filter((line) => line.trim() && !/^(WARNING|level=|I\d{4} )/.test(line))
  const line = lines.find((each) => each.startsWith('Error:')) ?? lines.at(-1) ?? ''
  const message = line.replace(/^Error: /, '').trim()
  const { status, code } = statusPattern.exec(message)?.groups ?? {}
  const error = new ServiceError({
    service: 'helm',
    code: 'HelmFailed',
    message: message || `helm exited with code ${exitCode ?? '(none)'}`,
    status: status || code ? Number(status ?? code) : undefined,
  })
  error.request = { ...requestOf(error.message, call), status: error.status }
  return error
}
