import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'
import { createAuthority, issueServerCertificate } from '../../sandbox/index.ts'
import { image } from './image.ts'

const own = fileURLToPath(new URL('../support/chart', import.meta.url))

type Values = Record<string, unknown>

/** Returns the values that the tests' own chart needs on a real cluster: a certificate and the address of Entra. */
async function ownValues(login: string): Promise<Values> {
  const authority = await createAuthority()
  const namespaces = ['azure-workload-identity-system', 'platform']
  const dns = namespaces.map((name) => `azure-wi-webhook-webhook-service.${name}.svc`)
  const leaf = await issueServerCertificate(authority, { dns, ip: [] })
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  return {
    authorityHost: `${login}/`,
    certificate: { ca: base64(authority.cert), crt: base64(leaf.cert), key: base64(leaf.key) },
  }
}

/**
 * Copies the chart that the tests install, and adds the values for this cluster. It is the tests' own chart, or the one
 * in the folder `WI_SETUP_E2E_CHART` with the file `WI_SETUP_E2E_VALUES` (`{login}`: address of the sandbox's Entra).
 */
export async function makeChart(folder: string, login: string): Promise<string> {
  const { WI_SETUP_E2E_CHART: from = own, WI_SETUP_E2E_VALUES: file } = process.env
  const chart = join(folder, 'chart')
  cpSync(from, chart, { recursive: true })
  const values = join(chart, 'values.yaml')
  const [repository, release] = image.split(/:(?=[^:/]*$)/)
  writeFileSync(
    values,
    stringify(
      {
        ...parse(readFileSync(values, 'utf8')),
        image: { repository, release, pullPolicy: 'IfNotPresent' },
        ...(from === own ? await ownValues(login) : {}),
        ...(file ? (parse(readFileSync(file, 'utf8').replaceAll('{login}', login)) as Values) : {}),
      },
      { lineWidth: 0 },
    ),
  )
  return chart
}
