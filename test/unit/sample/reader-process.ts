import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export const clientId = '33333333-cccc-4ccc-8ccc-333333333333'
export const tenantId = '44444444-dddd-4ddd-8ddd-444444444444'

/** Starts vault-reader with fake services; it serves the secrets db-password, forbidden and broken. */
export async function startReader() {
  const folder = mkdtempSync(join(tmpdir(), 'wi-reader-'))
  const tokenFile = join(folder, 'token')
  writeFileSync(tokenFile, 'pod-token')
  const child = spawn(
    process.execPath,
    ['--import', pathOf('./fake-services.mjs'), pathOf('../../../src/sample/vault-reader.mjs')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PORT: '0',
        KEYVAULT_URL: 'https://kv.vault.test/',
        SECRET_NAMES: 'db-password,forbidden,broken',
        AZURE_CLIENT_ID: clientId,
        AZURE_TENANT_ID: tenantId,
        AZURE_AUTHORITY_HOST: 'https://login.test/',
        AZURE_FEDERATED_TOKEN_FILE: tokenFile,
      },
    },
  )
  let log = ''
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`vault-reader ended: ${log}`)))
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      log += chunk
      const listening = /"listening":(\d+)/.exec(log)?.[1]
      if (listening) resolve(Number(listening))
    })
  })
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    log: () => log,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    /** Returns the exit code after SIGTERM. */
    async stop() {
      const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
      child.kill()
      const code = await ended
      rmSync(folder, { recursive: true, force: true })
      return code
    },
  }
}

/** Sends bytes, then ends or resets the connection, and returns what came back until it closed. */
export const sendRaw = (
  port: number,
  bytes: Buffer,
  { reset = false, waitMs = 3000 } = {},
): Promise<string> =>
  new Promise((resolve) => {
    let received = ''
    const socket = connect(port, '127.0.0.1', () => {
      if (reset) socket.write(bytes, () => setTimeout(() => socket.resetAndDestroy(), 2))
      else socket.end(bytes)
    })
    socket.setTimeout(waitMs, () => socket.destroy())
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      received += chunk
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(received))
  })
