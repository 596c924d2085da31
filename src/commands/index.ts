import type { Invocation } from '../session/invocation.ts'
import type { SettingName } from '../settings/settings.ts'

/** A word that can be typed: what it says in the help, which settings it takes, what it does. */
export interface CommandSpec {
  description: string
  /** All of them if left out. */
  settings?: readonly SettingName[]
  secretSource?: boolean
  /** Words that it takes besides flags, as commander writes them. */
  operands?: [name: string, says: string]
  /** Takes no settings, no cloud and no file: only how to print. */
  bare?: true
  /** Flags of its own. */
  more?: [flags: string, says: string][]
  /** Command lines without `npx wi-setup`; they work when pasted. */
  examples: string[]
  run(invocation: Invocation): Promise<number>
}

const azure: SettingName[] = ['subscription', 'tenant', 'location', 'resourceGroup']
const anyCluster: SettingName[] = ['cluster', 'clusterResourceGroup', 'kubeconfig', 'context']
const workload: SettingName[] = ['namespace', 'serviceAccount']
const identity: SettingName[] = ['identityKind', 'identity']

const work = async (invocation: Invocation, mode: 'apply' | 'plan' = 'apply') =>
  (await import('./set-up.ts')).setUp(invocation, mode)

/** All words but `sandbox`, which has words of its own. The empty one is the whole job. */
export const commands: Record<string, CommandSpec> = {
  '': {
    description:
      'Gives a Kubernetes service account passwordless access to Azure, and proves that it works.\nWithout a subcommand it does the whole job: asks on a terminal, else takes flags, WI_SETUP_* variables and wi-setup.yaml.',
    secretSource: true,
    examples: [
      '--sandbox --yes',
      '--resource-group rg-shop --cluster aks-shop --vault kv-shop --namespace shop --service-account checkout --yes',
      '--context kind-local --resource-group rg-shop --vault kv-shop --location westeurope --yes',
    ],
    run: (invocation) => work(invocation),
  },
  plan: {
    description: 'show what the whole job would do; changes nothing',
    examples: ['plan --sandbox', 'plan --sandbox --output json'],
    run: (invocation) => work(invocation, 'plan'),
  },
  cluster: {
    description: 'an AKS cluster with OIDC issuer and workload identity',
    settings: [
      ...azure,
      'cluster',
      'nodeSize',
      'nodeCount',
      'kubernetesVersion',
      'clusterResourceGroup',
      'kubeconfig',
      'context',
      'webhook',
      'os',
    ],
    examples: [
      'cluster --sandbox --yes',
      'cluster --resource-group rg-shop --cluster aks-shop --location westeurope',
      'cluster --resource-group rg-shop --cluster aks-shop --dry-run',
    ],
    run: (invocation) => work(invocation),
  },
  identity: {
    description: 'an app registration with service principal, or a managed identity',
    settings: [...azure, ...identity, ...workload],
    examples: [
      'identity --sandbox --yes',
      'identity --namespace shop --service-account checkout',
      'identity --identity-kind managed --resource-group rg-shop --identity wi-checkout',
    ],
    run: (invocation) => work(invocation),
  },
  federate: {
    description: 'the annotated service account and the trust between it and the identity',
    settings: [...azure, ...anyCluster, ...identity, ...workload, 'audience', 'os', 'webhook'],
    examples: [
      'federate --sandbox --yes',
      'federate --namespace shop --service-account checkout',
      'federate --context kind-local --namespace shop --service-account checkout',
    ],
    run: (invocation) => work(invocation),
  },
  webhook: {
    description: 'the mutating webhook: AKS add-on or Helm chart; one that is there is left alone',
    settings: [...azure, ...anyCluster, 'webhook', 'chart', 'chartVersion', 'audience', 'os'],
    examples: [
      'webhook --sandbox --yes',
      'webhook --resource-group rg-shop --cluster aks-shop',
      'webhook --context kind-local --webhook helm',
    ],
    run: (invocation) => work(invocation),
  },
  vault: {
    description: 'a Key Vault, access for the identity to get and list secrets, and a secret',
    settings: [...azure, ...identity, ...workload, 'vault', 'vaultResourceGroup', 'vaultAccess', 'secret'],
    secretSource: true,
    examples: [
      'vault --sandbox --yes',
      'vault --resource-group rg-shop --vault kv-shop --secret db-password',
      'vault --vault kv-shop --secret db-password --secret-from-stdin < password.txt',
    ],
    run: (invocation) => work(invocation),
  },
  sample: {
    description: 'the example app that hands the secret back over HTTP',
    settings: [
      ...azure,
      ...anyCluster,
      ...identity,
      ...workload,
      'webhook',
      'audience',
      'vault',
      'vaultResourceGroup',
      'vaultAccess',
      'secret',
      'os',
      'sampleImage',
    ],
    more: [['--port <n>', 'then serve the app on this port of localhost until Ctrl-C (0: any free one)']],
    examples: [
      'sample --sandbox --yes',
      'sample --sandbox --yes --port 8080',
      'sample --namespace shop --service-account checkout --vault kv-shop',
    ],
    run: async (invocation) => (await import('./sample.ts')).sample(invocation),
  },
  verify: {
    description: 'check every link of the chain, without changing anything; exit code 1 if one is broken',
    more: [
      ['--wait <time>', 'look again until all is well, at most this long: 5m'],
      ['--pre', 'before a set-up: whether sign-in, rights, quota, names, location and cluster allow it'],
      ['--in-cluster', 'also from inside: a pod does the exchange, and is removed again'],
      [
        '--workload <kind/name...>',
        'also how these are written: deploy/checkout, cronjob/report, pod/web, …',
      ],
      [
        '--posture',
        'also how tight it is: rights, tokens and keys beyond what is needed, with ids of CIS controls',
      ],
      ['--workloads', 'also how all in the namespace that have to do with it are written'],
      [
        '-f, --manifest <path...>',
        'only how the workloads in these files are written, without a cluster (-: standard input)',
      ],
      ['--only <codes>', 'only these checks, like WI301,WI5xx; what they need is told of where it fails'],
      ['--skip <codes>', 'all checks but these'],
      ['--report <file>', 'also write what was found, for a ticket: .md, .json or .html'],
    ],
    examples: [
      'verify --sandbox',
      'verify --sandbox --output json',
      'verify --sandbox --output junit > wi-setup.xml',
      'verify --sandbox --in-cluster',
      'verify --sandbox --workload deploy/vault-reader',
      'verify -f manifests/',
      'verify -f - < rendered.yaml',
      'verify --sandbox --only WI3xx --skip WI304',
      'verify --sandbox --report verify.html',
      'verify --namespace shop --service-account checkout --wait 5m',
    ],
    run: async (invocation) => (await import('./verify.ts')).verify(invocation),
  },
  destroy: {
    description: 'take back what wi-setup made, and nothing else; shows the plan first',
    more: [
      ['--purge', 'end for good what Azure would keep to be recovered: vault, secret, app registration'],
      ['--skip-unreachable', 'go on without a cluster that does not answer; it stays as it is'],
    ],
    examples: [
      'destroy --sandbox --dry-run',
      'destroy --sandbox --yes',
      'destroy --namespace shop --service-account checkout',
    ],
    run: async (invocation) => (await import('./destroy.ts')).destroy(invocation),
  },
  permissions: {
    description: 'print the rights that the whole job and verify need, in Azure and as Kubernetes roles',
    more: [['--user <name>', 'also give the roles to this user, by the name that the API server knows']],
    examples: [
      'permissions --namespace shop --service-account checkout',
      'permissions --context kind-local --namespace shop | kubectl apply --filename -',
    ],
    run: async (invocation) => (await import('./permissions.ts')).permissions(invocation),
  },
  explain: {
    description: 'what an error code means, or what failed in a log: why, and the command that mends it',
    settings: [],
    bare: true,
    operands: ['[code...]', 'codes like AADSTS700213, ForbiddenByRbac or WI104, or a message in quotes'],
    more: [
      ['--log <path>', 'look for all that is known in this file; without codes the standard input is read'],
    ],
    examples: [
      'explain AADSTS700213',
      'explain ForbiddenByRbac WI104',
      'explain --log pod.log',
      'explain --output json < pod.log',
    ],
    run: async (invocation) => (await import('./explain.ts')).explainCommand(invocation),
  },
}
