import type { InProcessEnvironment } from '../support/in-process.ts'
import { grantOperator, putAccount, setSite } from '../support/issuer-site.ts'
import type { Apis } from './apis.ts'

const account = 'stscore'

/** Turns the sandbox's cluster into one of k3s, whose issuer is published in a static website. */
export async function publishIssuer(
  environment: InProcessEnvironment,
  apis: Apis,
  resourceGroup: string,
): Promise<void> {
  const [cluster] = Object.values(environment.sandbox.state.clusters)
  cluster!.version = `${cluster!.version}+k3s1`
  await apis.arm('POST', '/providers/Microsoft.Storage/register')
  const place = { group: resourceGroup, account }
  await putAccount(environment, place)
  await setSite(environment, place, true)
  await grantOperator(environment, place)
  cluster!.issuer = await runPublish(environment)
}

/** Publishes the keys that the cluster has now, and returns the issuer. */
export async function runPublish(environment: InProcessEnvironment, ...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await environment.run([
    ...(flags.length ? ['issuer', 'rotate'] : ['issuer', 'publish']),
    ...[...environment.cloud, '--pace', '0', '--kubeconfig', environment.kubeconfig],
    ...['--storage-account', account, '--yes', '--output', 'json', ...flags],
  ])
  if (code !== 0) throw new Error(`The issuer was not published: ${stderr}${stdout}`)
  return JSON.parse(stdout).issuer
}
