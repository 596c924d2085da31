import { sha256 } from '../../sha256.ts'
import type { JsonObject } from '../state.ts'

const volumePrefix = 'azure-workload-identity-reserved-'
const mountPath = '/var/run/secrets/azure/wi'
const tokenPath = 'token/azure-identity-token'
const annotation = (name: string) => `azure.workload.identity/${name}`
const version = 'v1.6.0'

/** The webhook denies a pod. */
export class AdmissionDenied extends Error {}

const denied = (why: string) => new AdmissionDenied(why)

/** Parses an integer. Throws the error of Go's ParseInt. */
function parseInteger(text: string): number {
  if (!/^[+-]?\d+$/.test(text))
    throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

function tokenSeconds(pod: JsonObject, account: JsonObject): number {
  const key = annotation('service-account-token-expiration')
  const text = pod.metadata.annotations?.[key] || account.metadata.annotations?.[key]
  if (!text) return 3600
  let seconds: number
  try {
    seconds = parseInteger(text)
  } catch (error) {
    throw denied((error as Error).message)
  }
  if (seconds < 3600 || seconds > 86_400)
    throw denied(`token expiration ${seconds} not valid. Expected value to be between 3600 and 86400`)
  return seconds
}

function specWithProxy(pod: JsonObject): JsonObject {
  const injectProxy = pod.metadata.annotations?.[annotation('inject-proxy-sidecar')]
  if (injectProxy === undefined) return pod.spec
  if (pod.spec.hostNetwork) throw denied('hostNetwork is set to true, cannot inject proxy sidecar')
  const text = pod.metadata.annotations[annotation('proxy-sidecar-port')]
  let port = 8000
  try {
    if (text !== undefined) port = parseInteger(text)
  } catch (error) {
    throw denied(`failed to parse proxy sidecar port: ${(error as Error).message}`)
  }
  const registry = 'mcr.microsoft.com/oss/azure/workload-identity'
  const init: JsonObject[] = pod.spec.initContainers ?? []
  const has = (name: string) => init.some((inject) => inject.name === name)
  const proxyInit = {
    name: 'azwi-proxy-init',
    image: `${registry}/proxy-init:${version}`,
    env: [{ name: 'PROXY_PORT', value: String(port) }],
    imagePullPolicy: 'IfNotPresent',
    securityContext: {
      capabilities: { add: ['NET_ADMIN'], drop: ['ALL'] },
      privileged: true,
      runAsNonRoot: false,
      runAsUser: 0,
    },
  }
  const sidecar = {
    name: 'azwi-proxy',
    image: `${registry}/proxy:${version}`,
    args: [`--proxy-port=${port}`, '--log-level=info'],
    ports: [{ containerPort: port }],
    restartPolicy: 'Always',
    lifecycle: {
      postStart: { exec: { command: ['/proxy', `--proxy-port=${port}`, '--probe', '--log-level=info'] } },
    },
    imagePullPolicy: 'IfNotPresent',
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
    },
  }
  return {
    ...pod.spec,
    initContainers: [
      ...(has(sidecar.name) ? [] : [sidecar]),
      ...init,
      ...(has(proxyInit.name) ? [] : [proxyInit]),
    ],
  }
}

function withVariablesAndToken(
  container: JsonObject,
  variables: [string, string][],
  volume: string,
): JsonObject {
  const present = new Set((container.env ?? []).map((inject: JsonObject) => inject.name))
  const added = variables
    .filter(([name, value]) => value && !present.has(name))
    .map(([name, value]) => ({ name, value }))
  const mount = { name: volume, mountPath, readOnly: true }
  const mounts: JsonObject[] = container.volumeMounts ?? []
  return {
    ...container,
    env: [...(container.env ?? []), ...added],
    volumeMounts: mounts.some((inject) => inject.name === volume)
      ? mounts.map((inject) => (inject.name === volume ? mount : inject))
      : [...mounts, mount],
  }
}

export const serviceAccountName = (pod: JsonObject): string => pod.spec.serviceAccountName || 'default'

/** Where the pods of AKS identity bindings exchange their tokens. */
interface BindingProxy {
  proxy: string
  sniName: string
}

/** Returns what a pod that opts in to an identity binding gets: another audience, and how to reach the proxy. */
const bindingInjection = ({ proxy, sniName }: BindingProxy) => ({
  audience: 'api://AKSIdentityBinding',
  variables: [
    ['AZURE_KUBERNETES_TOKEN_PROXY', proxy],
    ['AZURE_KUBERNETES_SNI_NAME', sniName],
    ['AZURE_KUBERNETES_CA_FILE', `${mountPath}/ca-cert/ca.crt`],
  ] as [string, string][],
  sources: [
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca-cert/ca.crt' }] } },
  ] as JsonObject[],
})

const noBinding: ReturnType<typeof bindingInjection> = {
  audience: 'api://AzureADTokenExchange',
  variables: [],
  sources: [],
}

/**
 * Changes a labelled pod as webhook 1.6.0 does. `account` is the pod's service account, `tenant` the webhook's default
 * tenant, and `authority` the token service, with a trailing slash. Throws `AdmissionDenied`.
 */
export function injectIdentity(
  pod: JsonObject,
  webhook: {
    account: JsonObject | undefined
    tenant: string
    authority: string
    binding?: BindingProxy
  },
): JsonObject {
  const { account } = webhook
  if (!account) throw denied(`serviceaccounts "${serviceAccountName(pod)}" not found`)
  const spec = specWithProxy(pod)
  const seconds = tokenSeconds(pod, account)
  const annotations: Record<string, string> = account.metadata.annotations ?? {}
  const tenant = annotations[annotation('tenant-id')] ?? webhook.tenant
  const usesBinding = pod.metadata.annotations?.[annotation('use-identity-binding')] === 'true'
  const binding = usesBinding && webhook.binding ? bindingInjection(webhook.binding) : noBinding
  const variables: [string, string][] = [
    ['AZURE_CLIENT_ID', annotations[annotation('client-id')] ?? ''],
    ['AZURE_TENANT_ID', tenant],
    ['AZURE_FEDERATED_TOKEN_FILE', `${mountPath}/${tokenPath}`],
    ['AZURE_AUTHORITY_HOST', webhook.authority],
    ...binding.variables,
  ]
  const podName = pod.metadata.name || `${pod.metadata.generateName ?? ''} (prefix)`
  const volume =
    volumePrefix +
    sha256(podName)
      .toString('hex')
      .slice(0, 63 - volumePrefix.length)
  const skippedContainers = (pod.metadata.annotations?.[annotation('skip-containers')] ?? '')
    .split(';')
    .map((name: string) => name.trim())
  const inject = (container: JsonObject) =>
    skippedContainers.includes(container.name)
      ? container
      : withVariablesAndToken(container, variables, volume)
  const projected = {
    name: volume,
    projected: {
      sources: [
        {
          serviceAccountToken: {
            audience: binding.audience,
            expirationSeconds: seconds,
            path: tokenPath,
          },
        },
        ...binding.sources,
      ],
    },
  }
  const volumes: JsonObject[] = spec.volumes ?? []
  return {
    ...pod,
    spec: {
      ...spec,
      containers: spec.containers.map(inject),
      ...(spec.initContainers ? { initContainers: spec.initContainers.map(inject) } : {}),
      volumes: [...volumes.filter((one) => one.name !== volume), projected],
    },
  }
}
