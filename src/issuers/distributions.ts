import type { KubeObject, Kubernetes } from '../clients/kubernetes.ts'
import { hasCode } from '../clients/service-error.ts'

export type DistributionName =
  | 'aks'
  | 'eks'
  | 'gke'
  | 'arc'
  | 'openshift'
  | 'k3s'
  | 'rke2'
  | 'kind'
  | 'minikube'
  | 'talos'
  | 'kubeadm'
  | 'other'

/** What is special about the service account issuer of a Kubernetes distribution. */
export interface Distribution {
  name: DistributionName
  /** As in "this is an EKS cluster". */
  title: string
  /** `provider`: the cloud publishes the documents, and the user can't. `own`: the user publishes them. */
  publisher: 'provider' | 'own'
  /** One sentence about the issuer. */
  note: string
}

interface Facts {
  version: string
  issuer: string
  server: string
  labels: Record<string, string>
  providerId: string
  osImage: string
}

interface Recognised extends Distribution {
  matches(facts: Facts): boolean
}

const hasLabel = ({ labels }: Facts, start: string) =>
  Object.keys(labels).some((name) => name.startsWith(start))
const hostOf = ({ server }: Facts) => (URL.canParse(server) ? new URL(server).hostname : '')
const inCluster = 'its default issuer is only reachable inside the cluster, and must be published'

// The issuers of managed clusters are public documents of their providers.
const managed: readonly Recognised[] = [
  {
    name: 'aks',
    title: 'AKS',
    publisher: 'provider',
    note: 'Azure publishes its issuer once the OIDC issuer is on',
    matches: (facts) =>
      /^https:\/\/(([\w-]+\.)?oic|oidc)\.prod-aks\.azure\./.test(facts.issuer) ||
      hasLabel(facts, 'kubernetes.azure.com/cluster') ||
      hostOf(facts).endsWith('.azmk8s.io'),
  },
  {
    name: 'arc',
    title: 'Azure Arc',
    publisher: 'provider',
    note: 'Azure publishes its issuer; the API server must be started with that URL',
    matches: ({ issuer }) => /^https:\/\/[\w-]+\.oic\.prod-arc\.azure\./.test(issuer),
  },
  {
    name: 'eks',
    title: 'EKS',
    publisher: 'provider',
    note: 'AWS publishes its issuer',
    matches: (facts) =>
      /^https:\/\/oidc(\.eks\.[\w-]+\.amazonaws\.com(\.cn)?|-eks\.[\w-]+\.api\.aws)\/id\//.test(
        facts.issuer,
      ) ||
      facts.version.includes('-eks-') ||
      hasLabel(facts, 'eks.amazonaws.com/') ||
      hostOf(facts).endsWith('.eks.amazonaws.com'),
  },
  {
    name: 'gke',
    title: 'GKE',
    publisher: 'provider',
    note: 'Google publishes its issuer, whose URL names project, location and cluster: a new cluster of the same name has the same issuer, and is trusted, too',
    matches: (facts) =>
      facts.issuer.startsWith('https://container.googleapis.com/v1/projects/') ||
      facts.version.includes('-gke.') ||
      hasLabel(facts, 'cloud.google.com/gke-'),
  },
]

const own: readonly Recognised[] = [
  {
    name: 'k3s',
    title: 'k3s',
    publisher: 'own',
    note: inCluster,
    matches: ({ version }) => version.includes('+k3s'),
  },
  {
    name: 'rke2',
    title: 'RKE2',
    publisher: 'own',
    note: inCluster,
    matches: ({ version }) => version.includes('+rke2'),
  },
  {
    name: 'kind',
    title: 'kind',
    publisher: 'own',
    note: `${inCluster}; the issuer of a kind cluster can only be set when it is created`,
    matches: ({ providerId }) => providerId.startsWith('kind://'),
  },
  {
    name: 'minikube',
    title: 'minikube',
    publisher: 'own',
    note: inCluster,
    matches: (facts) => hasLabel(facts, 'minikube.k8s.io/'),
  },
  {
    name: 'talos',
    title: 'Talos',
    publisher: 'own',
    note: "its default issuer is the control plane's address, which Entra can rarely read",
    matches: ({ osImage }) => /^Talos\b/.test(osImage),
  },
]

const openShift: Distribution = {
  name: 'openshift',
  title: 'OpenShift',
  publisher: 'own',
  note: 'its issuer is public if the cluster was installed with ccoctl, or as ROSA or ARO with managed identities',
}
const kubeadm: Distribution = { name: 'kubeadm', title: 'kubeadm', publisher: 'own', note: inCluster }
const other: Distribution = {
  name: 'other',
  title: 'on-premises or self-managed',
  publisher: 'own',
  note: 'its issuer must be published',
}

/** All distributions, in the order of the documentation. */
export const distributions: readonly Distribution[] = [...managed, openShift, ...own, kubeadm, other]

const recognise = (facts: Facts): Distribution | undefined =>
  [...managed, ...own].find(({ matches }) => matches(facts))

function nodeFacts(node: KubeObject | undefined): Pick<Facts, 'labels' | 'providerId' | 'osImage'> {
  return {
    labels: node?.metadata.labels ?? {},
    providerId: String(node?.spec?.providerID ?? ''),
    osImage: String(node?.status?.nodeInfo?.osImage ?? ''),
  }
}

/** Returns the distribution that an issuer URL tells, without a request. */
export const distributionOfIssuer = (issuer: string): Distribution | undefined =>
  recognise({ issuer, version: '', server: '', ...nodeFacts(undefined) })

/** Returns the distribution of a cluster. Reads more of its API only as long as it is not recognised. */
export async function distributionOf(
  kube: Pick<Kubernetes, 'version' | 'issuer' | 'server' | 'anyNode' | 'servesGroup' | 'get'>,
): Promise<Distribution> {
  const [version, issuer = '', server] = await Promise.all([kube.version(), kube.issuer(), kube.server()])
  const early = recognise({ version, issuer, server, ...nodeFacts(undefined) })
  if (early) return early
  const found = recognise({ version, issuer, server, ...nodeFacts(await kube.anyNode()) })
  if (found) return found
  if (await kube.servesGroup('config.openshift.io')) return openShift
  const configuration = kube.get('ConfigMap', 'kubeadm-config', 'kube-system').catch((error) => {
    if (hasCode(error, 'Forbidden')) return undefined
    throw error
  })
  return (await configuration) ? kubeadm : other
}
