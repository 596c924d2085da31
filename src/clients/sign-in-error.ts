import { durationText } from './clock-error.ts'
import { parseEntraError } from './entra-error.ts'
import { toServiceError } from './errors.ts'
import { type FailedAttempts, lastFailure } from './failed-requests.ts'
import { sendHttpRequest } from './http-request.ts'
import { networkError } from './network-error.ts'
import { isTransientStatus } from './request-retries.ts'
import { responseError } from './response-error.ts'
import { ServiceError } from './service-error.ts'
import type { CredentialOptions } from './sign-in-methods.ts'

/** Returns whether the library could not read the tenant's discovery document. It does not report why. */
export const isDiscoveryError = ({ message }: Error): boolean =>
  /endpoints_resolution_error|openid_config_error/.test(message)

/** Reads the tenant's discovery document and returns why that fails; undefined if it succeeds. */
async function discoveryError(
  { cloud, http }: CredentialOptions,
  tenant: string,
): Promise<ServiceError | undefined> {
  const url = `${cloud.login}/${tenant}/v2.0/.well-known/openid-configuration`
  try {
    const response = await sendHttpRequest(http, { method: 'GET', url, signal: AbortSignal.timeout(15_000) })
    const error = parseEntraError(response.text)
    if (error) return new ServiceError({ service: 'entra', status: response.status, ...error })
    return response.status >= 400
      ? responseError('entra', { status: response.status, text: undefined, header: response.header })
      : undefined
  } catch (error) {
    const translated = toServiceError(error, 'entra')
    return translated instanceof ServiceError ? translated : undefined
  }
}

/** Entra: the assertion is not within its validity, or the token is not valid yet or any more. */
const clockCodes = new Set(['AADSTS700024', 'AADSTS500133'])
/** Entra's tolerance in ms. */
const tolerance = 300_000

/** Adds how wrong this machine's clock is to an error that may be due to it. */
function withClock<T extends { code: string; message: string }>(error: T, skew = 0): T {
  if (!clockCodes.has(error.code) || Math.abs(skew) <= tolerance) return error
  const difference = `${durationText(Math.abs(skew))} ${skew > 0 ? 'behind' : 'ahead'}`
  return {
    ...error,
    message: `This machine's clock is ${difference}; turn time synchronization on. Entra: ${error.message}`,
  }
}

/** Returns the error of Entra or of the network behind a library's error; undefined if there is none. */
export async function signInError(
  options: CredentialOptions,
  thrown: unknown,
  tenant: string | undefined,
): Promise<ServiceError | undefined> {
  const text = (thrown as Error).message ?? String(thrown)
  // The library reports only that the request failed.
  const refusal = options.http.credentials.takeSignInRefusal()
  if (refusal && /network_error/.test(text)) return refusal
  if (isDiscoveryError(thrown as Error) && tenant) {
    const error = await discoveryError(options, tenant)
    if (error) return error
  }
  const error = parseEntraError(text)
  if (error)
    return new ServiceError({ service: 'entra', ...withClock(error, options.http.skew), cause: thrown })
  const translated = toServiceError(thrown, 'entra')
  if (translated instanceof ServiceError && translated.service === 'network') return translated
  // A library may report neither the status nor the cause.
  const failure = lastFailure()
  return failure?.url.startsWith(options.cloud.login) ? failureError(failure) : undefined
}

function failureError({ status, error, url, retryAfterMs }: FailedAttempts): ServiceError | undefined {
  if (status === undefined) return networkError(error, url)
  if (!isTransientStatus(status)) return undefined
  const message = `Microsoft Entra ID returned status ${status} without a reason`
  return new ServiceError({ service: 'entra', code: `Http${status}`, message, status, retryAfterMs })
}

/** A sign-in program that ended with a failure of its own, such as a broken installation. */
export interface CrashedProgram {
  name: string
  line: string
}

const traceback = /Traceback \(most recent call last\)/
const crash = new RegExp(
  `${traceback.source}|Fatal Python error|ModuleNotFoundError|ImportError|Segmentation fault|bad interpreter|cannot execute|Permission denied`,
)

/** Returns the line that names the failure if the program crashed; undefined if it only reports that nobody is signed in. */
export function crashLine(text: string): string | undefined {
  if (!crash.test(text)) return undefined
  const lines = text.split(/\r?\n/).filter((line) => line.trim())
  const line = traceback.test(text) ? lines.at(-1) : lines.find((each) => crash.test(each))
  return line?.trim()
}

/** Returns the error for a sign-in that no method achieved, although a program for it is installed. */
export const crashedError = ({ name, line }: CrashedProgram): ServiceError =>
  new ServiceError({ service: 'entra', code: 'SignInProgramFailed', message: `${name} failed: ${line}` })

/** Returns the error for a sign-in that no method achieved; one line for each attempt. */
export const noCredentialError = (attempts: string[], rejection?: ServiceError): ServiceError =>
  new ServiceError({
    service: 'entra',
    code: rejection?.code ?? 'NoCredential',
    message: `You are not signed in to Azure. Tried:\n${attempts.map((each) => `  ${each}`).join('\n')}`,
    requestId: rejection?.requestId,
  })

export const firstLine = (text: string): string => text.split(/\r?\n/)[0]!.trim()
