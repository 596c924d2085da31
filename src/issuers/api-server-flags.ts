import { stringify } from 'yaml'
import { inSequence, program, type Script } from '../base/command.ts'
import { keySetUrl } from './documents.ts'

/** One part of what the user changes: where, and the text of a file or the commands. */
export interface FlagSection {
  heading: string
  yaml?: string
  commands?: Script
}

interface Issuers {
  issuer: string
  /** The issuer that the API server has now; its tokens stay valid. Undefined if it is the same. */
  former: string | undefined
}

/** The first issuer signs, all are accepted. */
const flags = ({ issuer, former }: Issuers): [name: string, value: string][] => [
  ['service-account-issuer', issuer],
  ...(former === undefined ? [] : [['service-account-issuer', former] as [string, string]]),
  ['service-account-jwks-uri', keySetUrl(issuer)],
]

const audiences = (former: string | undefined): FlagSection[] =>
  former === undefined
    ? []
    : [
        {
          heading: `If the API server also has --api-audiences, ${former} must stay in it, or tokens inside the cluster are rejected. Without that flag, all issuers are audiences.`,
        },
      ]

const yaml = (value: unknown) => stringify(value, { lineWidth: 0 }).trimEnd()

const rancher = (name: 'k3s' | 'rke2', service: string) => (issuers: Issuers) => [
  {
    heading: `/etc/rancher/${name}/config.yaml on every server (the signing key stays /var/lib/rancher/${name}/server/tls/service.key)`,
    yaml: yaml({ 'kube-apiserver-arg': flags(issuers).map(([flag, value]) => `${flag}=${value}`) }),
  },
  { heading: 'Then, on one server after the other', commands: program('systemctl', 'restart', service) },
]

const keys = { signing: '/etc/kubernetes/pki/sa.key', verifying: '/etc/kubernetes/pki/sa.pub' }

const kubeadm = (issuers: Issuers): FlagSection[] => [
  {
    heading:
      'ClusterConfiguration (kubeadm.k8s.io/v1beta4): for kubeadm init, and in the ConfigMap kube-system/kubeadm-config of a running cluster, or the next upgrade reverts the change',
    yaml: yaml({ apiServer: { extraArgs: flags(issuers).map(([name, value]) => ({ name, value })) } }),
  },
  {
    heading: `A running cluster: the same flags in /etc/kubernetes/manifests/kube-apiserver.yaml on every control plane node, in this order (the signing key stays ${keys.signing})`,
    yaml: yaml(flags(issuers).map(([name, value]) => `--${name}=${value}`)),
  },
]

const kind = ({ issuer }: Issuers): FlagSection[] => [
  {
    heading:
      "The issuer of a kind cluster can only be set when it is created. Copy its keys first, so that the published ones stay valid; 'kind-control-plane' is the container of its node",
    commands: inSequence(
      program('docker', 'cp', `kind-control-plane:${keys.signing}`, 'sa.key'),
      program('docker', 'cp', `kind-control-plane:${keys.verifying}`, 'sa.pub'),
    ),
  },
  {
    heading: 'kind.yaml, for kind create cluster --config kind.yaml',
    yaml: yaml({
      kind: 'Cluster',
      apiVersion: 'kind.x-k8s.io/v1alpha4',
      nodes: [
        {
          role: 'control-plane',
          extraMounts: [
            { hostPath: './sa.key', containerPath: keys.signing },
            { hostPath: './sa.pub', containerPath: keys.verifying },
          ],
          kubeadmConfigPatches: [
            yaml({
              kind: 'ClusterConfiguration',
              apiServer: {
                extraArgs: {
                  'service-account-issuer': issuer,
                  'service-account-jwks-uri': keySetUrl(issuer),
                  'service-account-key-file': keys.verifying,
                  'service-account-signing-key-file': keys.signing,
                },
              },
              controllerManager: { extraArgs: { 'service-account-private-key-file': keys.signing } },
            }),
          ],
        },
      ],
    }),
  },
]

const minikube = ({ issuer }: Issuers): FlagSection[] => [
  {
    heading: 'minikube takes one issuer. The signing key stays /var/lib/minikube/certs/sa.key',
    commands: program(
      'minikube',
      'start',
      `--extra-config=apiserver.service-account-issuer=${issuer}`,
      `--extra-config=apiserver.service-account-jwks-uri=${keySetUrl(issuer)}`,
    ),
  },
]

const talos = ({ issuer }: Issuers): FlagSection[] => [
  {
    heading:
      "Machine configuration of the control plane nodes. Newer versions of Talos append to the default issuer instead of replacing it: check the token's iss with wi-setup verify. Flags of keys are not allowed",
    yaml: yaml({
      cluster: {
        apiServer: {
          extraArgs: {
            'service-account-issuer': issuer,
            'service-account-jwks-uri': keySetUrl(issuer),
          },
        },
      },
    }),
  },
]

const openShift = ({ issuer }: Issuers): FlagSection[] => [
  {
    heading: 'The operator restarts the API servers, and keeps accepting tokens of the former issuer',
    commands: program(
      'oc',
      ...['patch', 'authentication', 'cluster', '--type', 'merge', '--patch'],
      JSON.stringify({ spec: { serviceAccountIssuer: issuer } }),
    ),
  },
]

const other = (issuers: Issuers): FlagSection[] => [
  {
    heading:
      'Flags of kube-apiserver on every control plane node, in this order; the signing key stays the same',
    yaml: yaml(flags(issuers).map(([name, value]) => `--${name}=${value}`)),
  },
]

const sectionsOf = {
  kubeadm: (issuers: Issuers) => [...kubeadm(issuers), ...audiences(issuers.former)],
  k3s: (issuers: Issuers) => [...rancher('k3s', 'k3s')(issuers), ...audiences(issuers.former)],
  rke2: (issuers: Issuers) => [...rancher('rke2', 'rke2-server')(issuers), ...audiences(issuers.former)],
  kind,
  minikube,
  talos,
  openshift: openShift,
  other: (issuers: Issuers) => [...other(issuers), ...audiences(issuers.former)],
}

/** A distribution whose API server the user starts. */
export type FlagTarget = keyof typeof sectionsOf
export const flagTargets = Object.keys(sectionsOf) as FlagTarget[]

/** Returns what makes the API servers of a distribution issue tokens of this issuer. */
export const apiServerFlags = (target: FlagTarget, issuers: Issuers): FlagSection[] =>
  sectionsOf[target](issuers)

const pair = inSequence(
  program('openssl', 'genrsa', '-out', 'sa-new.key', '2048'),
  program('openssl', 'rsa', '-in', 'sa-new.key', '-pubout', '-out', 'sa-new.pub'),
)

/** Returns the steps of a rotation around the publishing of the keys, which `publish` and `removeOld` do. */
export const rotationSteps = (
  target: FlagTarget,
  { publish, removeOld }: { publish: Script; removeOld: Script },
): FlagSection[] => [
  { heading: '1. Create the new pair', commands: pair },
  { heading: '2. Publish old and new, and wait until Entra has read them', commands: publish },
  ...(target === 'k3s'
    ? [
        {
          heading:
            '3. Put the new key first and append the old one in /opt/k3s/server/tls/service.key, then restart the servers',
          commands: program('k3s', 'certificate', 'rotate-ca', '--path=/opt/k3s/server'),
        },
      ]
    : [
        {
          heading:
            '3. On every API server, add --service-account-key-file with the new public key, beside the old one. A single API server is unavailable while it restarts',
        },
        {
          heading:
            '4. Then set --service-account-signing-key-file, and --service-account-private-key-file of the controller manager, to the new private key',
        },
      ]),
  {
    heading:
      'Last: after 24 hours, when all tokens of the old key have expired, remove the old --service-account-key-file, and then the key',
    commands: removeOld,
  },
]
