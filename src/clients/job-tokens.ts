import { readFile } from 'node:fs/promises'
import { ActionRequiredError } from '../base/action-required.ts'
import type { Http } from './http.ts'
import { sendHttpRequest } from './http-request.ts'
import type { Job } from './job.ts'
import { ServiceError } from './service-error.ts'

const timeout = 10_000

interface JobOptions {
  env: Record<string, string | undefined>
  http: Http
  signal: AbortSignal
}

/** Reads the token of the job from where its CI system puts it. */
export function makeJob({ env, http, signal }: JobOptions): Job {
  const variable = (name: string) => env[name] || undefined

  async function request(
    service: string,
    options: { method: 'GET' | 'POST'; url: string; token: string; headers?: Record<string, string> },
  ): Promise<Record<string, unknown>> {
    const { method, url, token, headers = {} } = options
    const fault = (reason: string, status?: number) =>
      new ServiceError({
        service: 'network',
        code: 'JobToken',
        message: `${service} did not issue a token for this job: ${reason}`,
        status,
      })
    if (!URL.canParse(url) || !url.startsWith('https://')) throw fault('its address is not an https:// URL')
    const authorization = `Bearer ${token}`
    http.credentials.bind(authorization, { service, origins: [new URL(url).origin] })
    const response = await sendHttpRequest(http, {
      method,
      url,
      headers: { accept: 'application/json', authorization, ...headers },
      signal,
      timeout,
      isDocument: true,
    })
    if (response.status !== 200) throw fault(`status ${response.status}`, response.status)
    try {
      return JSON.parse(response.text) as Record<string, unknown>
    } catch {
      throw fault('the response is not JSON')
    }
  }

  return {
    variable,
    async tokenFile() {
      const path = variable('AZURE_FEDERATED_TOKEN_FILE')
      if (path === undefined) return undefined
      try {
        return (await readFile(path, 'utf8')).trim()
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        throw new ActionRequiredError(
          `AZURE_FEDERATED_TOKEN_FILE ${JSON.stringify(path)} can't be read: ${code}`,
          'Set AZURE_FEDERATED_TOKEN_FILE to the file that holds the token of the job',
        )
      }
    },
    async githubToken(audience) {
      const [url, token] = [
        variable('ACTIONS_ID_TOKEN_REQUEST_URL'),
        variable('ACTIONS_ID_TOKEN_REQUEST_TOKEN'),
      ]
      if (url !== undefined && token !== undefined) {
        const separator = url.includes('?') ? '&' : '?'
        const { value } = await request('GitHub Actions', {
          method: 'GET',
          url: `${url}${separator}audience=${encodeURIComponent(audience)}`,
          token,
        })
        return String(value)
      }
      if (variable('GITHUB_ACTIONS') !== 'true') return undefined
      throw new ActionRequiredError(
        'This GitHub Actions job may not request a token',
        'Add "id-token: write" to the permissions of the job or its workflow',
      )
    },
    async azureDevOpsToken(connectionId) {
      const [url, token] = [variable('SYSTEM_OIDCREQUESTURI'), variable('SYSTEM_ACCESSTOKEN')]
      if (url === undefined || token === undefined || connectionId === undefined) return undefined
      const { oidcToken } = await request('Azure DevOps', {
        method: 'POST',
        url: `${url}?api-version=7.1&serviceConnectionId=${encodeURIComponent(connectionId)}`,
        token,
        headers: { 'content-type': 'application/json', 'x-tfs-fedauthredirect': 'Suppress' },
      })
      return String(oidcToken)
    },
  }
}
