import { type KubeObject, templateOf, useKey } from './healthy.ts'

/** A fault in a workload's manifest. */
export interface ManifestFault {
  code: string
  name: string
  break(object: KubeObject): void
  /** Only a warning. */
  warns?: true
  /** The fix is an instruction for the user, not a command. */
  manual?: true
}

const labels = (object: KubeObject): KubeObject => templateOf(object).metadata.labels
const notes = (object: KubeObject): KubeObject => {
  const { metadata } = templateOf(object)
  metadata.annotations ??= {}
  return metadata.annotations
}
const spec = (object: KubeObject): KubeObject => templateOf(object).spec
const app = (object: KubeObject): KubeObject => spec(object).containers[0]
const key = (name: string) => `azure.workload.identity/${name}`
const oldPath = '/var/run/secrets/azure/tokens/azure-identity-token'
const firstPath = '/var/run/secrets/tokens/azure-identity-token'

/** Each breaks a healthy workload in one way. */
export const manifestFaults: ManifestFault[] = [
  {
    code: 'WI202',
    name: 'the label on the top level only',
    break(object) {
      delete labels(object)[useKey]
      object.metadata.labels[useKey] = 'true'
    },
  },
  { code: 'WI222', name: 'no label', break: (object) => delete labels(object)[useKey] },
  {
    code: 'WI222',
    name: 'the label as an annotation',
    break(object) {
      delete labels(object)[useKey]
      notes(object)[useKey] = 'true'
    },
  },
  {
    code: 'WI212',
    name: 'the label with a capital letter',
    break(object) {
      labels(object)[useKey] = 'True'
    },
  },
  {
    code: 'WI203',
    name: 'no service account',
    break: (object) => delete spec(object).serviceAccountName,
  },
  {
    code: 'WI221',
    name: 'the client id on the pod',
    warns: true,
    break(object) {
      notes(object)[key('client-id')] = '11111111-2222-4333-8444-555555555555'
    },
  },
  {
    code: 'WI224',
    name: 'the lifetime out of range',
    break(object) {
      notes(object)[key('service-account-token-expiration')] = '600'
    },
  },
  {
    code: 'WI224',
    name: 'the lifetime no number',
    break(object) {
      notes(object)[key('service-account-token-expiration')] = '1h'
    },
  },
  {
    code: 'WI210',
    name: 'the proxy, though "false", with hostNetwork',
    break(object) {
      notes(object)[key('inject-proxy-sidecar')] = 'false'
      spec(object).hostNetwork = true
    },
  },
  {
    code: 'WI216',
    name: 'a container to be skipped that is not there',
    warns: true,
    break(object) {
      notes(object)[key('skip-containers')] = 'logs;envoy'
    },
  },
  {
    code: 'WI216',
    name: 'every container skipped',
    break(object) {
      notes(object)[key('skip-containers')] = 'app;logs'
    },
  },
  {
    code: 'WI215',
    name: 'its own client ID',
    break: (object) =>
      app(object).env.push({ name: 'AZURE_CLIENT_ID', value: '11111111-2222-4333-8444-555555555555' }),
  },
  {
    code: 'WI602',
    name: 'a password at hand',
    warns: true,
    break: (object) =>
      app(object).env.push({
        name: 'AZURE_CLIENT_SECRET',
        valueFrom: { secretKeyRef: { name: 'azure', key: 'password' } },
      }),
  },
  {
    code: 'WI215',
    name: "another cloud's sign-in",
    warns: true,
    break: (object) =>
      app(object).env.push({ name: 'AZURE_AUTHORITY_HOST', value: 'https://login.microsoftonline.us/' }),
  },
  {
    code: 'WI602',
    name: 'a sign-in as the node',
    warns: true,
    manual: true,
    break(object) {
      app(object).command = ['sh', '-c', 'az login --identity --username aaaa && az keyvault secret list']
    },
  },
  {
    code: 'WI602',
    name: 'a request to the metadata service',
    warns: true,
    manual: true,
    break(object) {
      app(object).args = ['curl', 'http://169.254.169.254/metadata/identity/oauth2/token?resource=x']
    },
  },
  {
    code: 'WI602',
    name: 'azcopy as the node',
    warns: true,
    manual: true,
    break(object) {
      app(object).command = ['azcopy', 'login', '--identity']
    },
  },
  ...Object.entries({ ARM_USE_MSI: 'true', AAD_LOGIN_METHOD: 'msi', AZCOPY_AUTO_LOGIN_TYPE: 'MSI' }).map(
    ([name, value]): ManifestFault => ({
      code: 'WI602',
      name: `${name}=${value}`,
      warns: true,
      break: (object) => app(object).env.push({ name, value }),
    }),
  ),
  {
    code: 'WI219',
    name: 'its own token for another audience',
    break(object) {
      app(object).env.push({ name: 'AZURE_FEDERATED_TOKEN_FILE', value: '/tokens/azure' })
      app(object).volumeMounts = [{ name: 'own', mountPath: '/tokens' }]
      spec(object).volumes = [
        {
          name: 'own',
          projected: { sources: [{ serviceAccountToken: { audience: 'api://Azure', path: 'azure' } }] },
        },
      ]
    },
  },
  {
    code: 'WI207',
    name: 'the old path in a variable',
    break: (object) => app(object).env.push({ name: 'TOKEN', value: oldPath }),
  },
  {
    code: 'WI207',
    name: "the old path in the webhook's own variable",
    break: (object) => app(object).env.push({ name: 'AZURE_FEDERATED_TOKEN_FILE', value: oldPath }),
  },
  {
    code: 'WI207',
    name: 'the old path in the arguments',
    break(object) {
      app(object).args = ['--token-file', oldPath]
    },
  },
  {
    code: 'WI207',
    name: "the first webhooks' path in a script of PowerShell",
    break(object) {
      app(object).command = ['/usr/bin/pwsh', '-Command', `az login --federated-token $(gc ${firstPath})`]
    },
  },
  {
    code: 'WI207',
    name: 'an image that is known for the old path',
    warns: true,
    manual: true,
    break(object) {
      app(object).image = 'xpkg.upbound.io/upbound/provider-azure-network:v2.6.0'
    },
  },
  {
    code: 'WI228',
    name: 'a token of its own at another path than that of the variable',
    break(object) {
      delete labels(object)[useKey]
      spec(object).volumes ??= []
      spec(object).volumes.push({
        name: 'oidc',
        projected: {
          sources: [{ serviceAccountToken: { audience: 'api://AzureADTokenExchange', path: 'token' } }],
        },
      })
      app(object).volumeMounts = [{ name: 'oidc', mountPath: '/var/run/oidc' }]
      app(object).env.push(
        { name: 'AZURE_CLIENT_ID', value: '11111111-2222-4333-8444-555555555555' },
        { name: 'AZURE_TENANT_ID', value: '11111111-2222-4333-8444-555555555555' },
        { name: 'AZURE_FEDERATED_TOKEN_FILE', value: '/var/run/oidc/azure-token' },
      )
    },
  },
  {
    code: 'WI218',
    name: 'a virtual node as its place',
    break(object) {
      spec(object).nodeSelector = { type: 'virtual-kubelet' }
      spec(object).tolerations = [{ key: 'virtual-kubelet.io/provider', operator: 'Exists' }]
    },
  },
  {
    code: 'WI217',
    name: 'a Linux user on Windows',
    warns: true,
    break(object) {
      spec(object).nodeSelector = { 'kubernetes.io/os': 'windows' }
      spec(object).securityContext = { runAsNonRoot: true, runAsUser: 1000 }
      for (const each of spec(object).containers) delete each.securityContext
    },
  },
]
