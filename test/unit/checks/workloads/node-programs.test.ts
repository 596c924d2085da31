import assert from 'node:assert/strict'
import { test } from 'node:test'
import { healthyWorkloads, type KubeObject, yaml } from '../../../support/workloads/healthy.ts'
import { lintText } from '../../../support/workloads/lint-text.ts'

/** Returns `code detail` of each finding after a change of the first container. */
async function findingsOf(change: (container: KubeObject) => void): Promise<string[]> {
  const object: KubeObject = healthyWorkloads.Deployment()
  change(object.spec.template.spec.containers[0])
  return (await lintText(yaml(object))).found.map(
    ({ code, status, detail, remedy }) => `${code} ${status} ${detail} ${remedy}`,
  )
}

const imds = 'http://169.254.169.254/metadata/identity/oauth2/token?resource=x'

/** Programs that ask the node, as in public threads and charts: text of a command, and what the finding names. */
const asking: Record<string, RegExp> = {
  'az login --identity': /the flag --identity of az login/,
  'az login -i': /az login/,
  'az login --allow-no-subscriptions --identity --client-id x': /az login/,
  'az login \\\n  --identity': /az login/,
  'az --debug login --identity': /az login/,
  'pwsh -c "Connect-AzAccount -Identity"': /-Identity of Connect-AzAccount.*-FederatedToken/s,
  'pwsh -c "connect-azaccount -Environment AzureCloud `\n -identity -AccountId x"': /Connect-AzAccount/,
  'Login-AzAccount -Identity': /Connect-AzAccount/,
  'azcopy login --identity --identity-client-id x': /azcopy login/,
  'azcopy login --login-type=MSI': /the login type MSI of azcopy.*AZCOPY_AUTO_LOGIN_TYPE=WORKLOAD/s,
  'azcopy login --login-type msi': /azcopy/,
  'kubelogin convert-kubeconfig -l msi': /the login method msi of kubelogin.*--login workloadidentity/s,
  'kubelogin get-token --server-id x --login=msi': /kubelogin/,
  'terraform init -backend-config="use_msi=true"': /use_aks_workload_identity=true/,
  [`curl -H Metadata:true "${imds}"`]: /the metadata service of the node/,
  [`wget -qO- ${imds.replace('254/', '254:80/')}`]: /the metadata service of the node/,
}

for (const [text, shown] of Object.entries(asking))
  test(`WI602  ${JSON.stringify(text)} asks the node`, async () => {
    for (const words of [['sh', '-c', text], text.split(/\s+/)]) {
      if (/[\\`"]/.test(text) && words.length !== 3) continue
      const found = await findingsOf((container) => Object.assign(container, { command: words }))
      assert.equal(found.length, 1, found.join('\n'))
      assert.match(found[0]!, /^WI602 warn /)
      assert.match(found[0]!, shown)
    }
  })

const notAsking = [
  'az login --service-principal -u "$AZURE_CLIENT_ID" --federated-token "$(cat "$AZURE_FEDERATED_TOKEN_FILE")"',
  'az login --service-principal -u x; grep -i y',
  'az login --service-principal\nsed -i s/a/b/ file',
  'Connect-AzAccount -ServicePrincipal -ApplicationId x -Tenant y -FederatedToken z',
  'azcopy login --login-type=workload',
  'kubelogin convert-kubeconfig -l workloadidentity',
  'terraform init -backend-config="use_msi=false"',
  'curl -H Metadata:true http://169.254.169.254/metadata/instance?api-version=2021-02-01',
]
for (const text of notAsking)
  test(`${JSON.stringify(text)} does not ask the node`, async () => {
    assert.deepEqual(await findingsOf((container) => Object.assign(container, { args: ['-c', text] })), [])
  })

test('WI602  a hook or a probe that asks the node is reported with its field', async () => {
  const exec = { command: ['sh', '-c', 'az login --identity'] }
  const [hook] = await findingsOf((container) =>
    Object.assign(container, { lifecycle: { postStart: { exec } } }),
  )
  assert.match(hook!, /containers\[0\]\.lifecycle\.postStart\.exec\.command/)
  const [probe] = await findingsOf((container) => Object.assign(container, { livenessProbe: { exec } }))
  assert.match(probe!, /containers\[0\]\.livenessProbe\.exec\.command/)
})

/** Variables that make a program ask the node or another cloud, and the fix. */
const variables: [name: string, value: string, fix: RegExp | undefined][] = [
  ['ARM_USE_MSI', 'true', /set ARM_USE_AKS_WORKLOAD_IDENTITY=true instead/],
  ['ARM_USE_MSI', 'false', undefined],
  ['AAD_LOGIN_METHOD', 'MSI', /AAD_LOGIN_METHOD=workloadidentity/],
  ['AAD_LOGIN_METHOD', 'workloadidentity', undefined],
  ['AZCOPY_AUTO_LOGIN_TYPE', 'MSI', /AZCOPY_AUTO_LOGIN_TYPE=WORKLOAD/],
  ['GF_AZURE_MANAGED_IDENTITY_ENABLED', 'true', /GF_AZURE_WORKLOAD_IDENTITY_ENABLED=true/],
  ['TOKEN_URL', imds, /use an Azure SDK/],
  ['MSI_ENDPOINT', imds, /use an Azure SDK/],
  ['AZURE_AUTHORITY_HOST', 'https://login.microsoftonline.us', /remove AZURE_AUTHORITY_HOST/],
  ['AZURE_AUTHORITY_HOST', 'login.microsoftonline.us', /remove AZURE_AUTHORITY_HOST/],
  ['AZURE_AUTHORITY_HOST', 'https://login.microsoftonline.de/', /remove AZURE_AUTHORITY_HOST/],
  ['AZURE_AUTHORITY_HOST', 'https://login.microsoftonline.com/', undefined],
  ['constructor', 'true', undefined],
]
for (const [name, value, fix] of variables)
  test(`${name}=${value} ${fix ? 'is reported' : 'is fine'}`, async () => {
    const found = await findingsOf(({ env }) => env.push({ name, value }))
    assert.equal(found.length, fix ? 1 : 0, found.join('\n'))
    if (fix) assert.match(found[0]!, fix)
  })

test('a variable for the node beside the one for the token is fine', async () => {
  const add = ({ env }: KubeObject) =>
    env.push({ name: 'ARM_USE_MSI', value: 'true' }, { name: 'ARM_USE_AKS_WORKLOAD_IDENTITY', value: 'true' })
  assert.deepEqual(await findingsOf(add), [])
})
