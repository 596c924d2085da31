import { ServiceError } from './service-error.ts'

const reasons: Record<string, string> = {
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'its name does not resolve at the moment',
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was interrupted',
  ETIMEDOUT: 'it did not respond in time',
  EMFILE: 'wi-setup has too many open files',
  ENFILE: 'the system has too many open files',
  EADDRNOTAVAIL: 'the system has no free local port',
  ENOBUFS: 'the system has no memory for the connection',
  ENOMEM: 'the system has no memory for the connection',
  EACCES: 'this machine forbids the connection',
  EPERM: 'this machine forbids the connection',
}

/** Returns whether the message has the time limit, which that of the system lacks. */
const isOurs = (message: string | undefined) => /^no complete response within/.test(message ?? '')

/**
 * Returns the error for a request without a valid response; `url` provides the host name. The SDK's error is not its
 * cause, because that contains the request with its token and body.
 */
export function networkError(error: unknown, url: string | undefined): ServiceError {
  const { code, message } = error as { code?: string | null; message?: string }
  const host = url && URL.canParse(url) ? new URL(url).host : 'The server'
  return new ServiceError({
    service: 'network',
    code: code ?? 'REQUEST_SEND_ERROR',
    message:
      code === 'ETOOLARGE'
        ? `${host} sent ${message}, which is the limit`
        : code === 'EUNREADABLE'
          ? `${host} returned an incomplete response or a web page, possibly from a proxy or a sign-in page`
          : `${host} is unreachable: ${(isOurs(message) ? message : reasons[code ?? '']) ?? message ?? 'the connection failed'}`,
  })
}

/** Returns whether the code is one of Node.js for a failed connection or TLS handshake. */
export const isNetworkCode = (code: unknown): boolean =>
  typeof code === 'string' &&
  /^(E(?!RR_)[A-Z_]+|REQUEST_SEND_ERROR|(UNABLE|DEPTH|CERT|SELF|ERR_TLS|ERR_SSL|ERR_STREAM|ERR_SOCKET)_\w+)$/.test(
    code,
  )
