import { advice, command } from './command-template.ts'
import { showChart } from './commands.ts'
import type { Explanation } from './explanation.ts'

/** The prefix of Helm's errors in a log. */
const helmContext = /(?:INSTALLATION|INSTALL|UPGRADE|UNINSTALLATION) FAILED|\bhelm\b|chart/i

const services = ['helm'] as const

/** The `helm` program. */
export const helmExplanations: readonly Explanation[] = [
  {
    codes: ['HelmNotFound'],
    what: 'The program helm is not installed, or not on the PATH',
    why: ['On clusters outside AKS, Helm installs the webhook'],
    remedy: advice`Install Helm 3.8 or newer (https://helm.sh/docs/intro/install), or on AKS use the add-on: ${command('wi-setup webhook --webhook addon')}`,
  },
  {
    codes: ['ChartDigestMismatch'],
    what: "The downloaded chart differs from the one that wi-setup expects, so it wasn't installed",
    why: ['A proxy or a mirror changed it', 'The publisher replaced the archive of this version'],
    remedy:
      'Find out where the chart came from. To install a chart that you trust, set --chart, for example to a file',
  },
  {
    codes: ['HelmFailed'],
    message: /invalid ownership metadata|cannot be imported into the current release/i,
    values: [/\b(?<kind>[A-Z]\w+) "(?<name>[^"]+)" in namespace/, /current value is "(?<release>[^"]+)"/],
    check: 'WI302',
    what: 'The webhook[ ({kind} {name})] is already installed by other means[, by {release}]',
    why: ['The AKS add-on, a manifest or another Helm release installed it; a cluster can have only one'],
    remedy: advice`Use the existing webhook: ${command('wi-setup --webhook auto')}`,
  },
  {
    codes: ['HelmFailed'],
    message: /another operation \(install\/upgrade\/rollback\) is in progress/i,
    what: 'Another Helm operation on the release is in progress, or was interrupted',
    why: ['Another run is installing the release', 'An earlier Helm process was killed'],
    remedy: 'Wait a few minutes, then run the same command again',
  },
  {
    codes: ['HelmFailed'],
    message: /timed out waiting for the condition|context deadline exceeded|resources? not ready/i,
    context: /workload-identity|azure-wi/,
    check: 'WI301',
    what: 'The webhook was installed, but its pods did not become ready in time',
    why: ["The image can't be pulled from mcr.microsoft.com", 'No node has room for the pods'],
    remedy: command('kubectl -n azure-workload-identity-system get pods,events'),
  },
  {
    codes: ['HelmFailed'],
    message: /azureTenantID entry required/i,
    check: 'WI305',
    what: 'The chart requires a tenant ID',
    why: ['azureTenantID is not set'],
    remedy: command('wi-setup webhook'),
  },
  {
    codes: ['HelmFailed'],
    message:
      /looks like "[^"]+" is not a valid chart repository|failed to download|chart "[^"]+"[^:]* not found|no such host|failed to fetch/i,
    context: helmContext,
    what: "Helm can't download the chart",
    why: ['The chart repository is unreachable', '--chart or --chart-version is misspelled'],
    remedy: showChart,
  },
  {
    codes: ['HelmFailed'],
    message: /cannot re-use a name that is still in use/i,
    what: 'The Helm release already exists',
    why: ['Another run installed it in the meantime'],
    remedy: command('wi-setup webhook'),
  },
  {
    codes: ['HelmFailed'],
    message: /is forbidden: User "(?<user>[^"]+)"/,
    context: helmContext,
    check: 'WI702',
    what: 'The cluster does not allow {user|you} to install the webhook',
    why: ['Installing the webhook requires permissions on the entire cluster (cluster-admin)'],
    remedy: command('kubectl auth can-i create mutatingwebhookconfigurations'),
  },
  {
    codes: ['HelmFailed'],
    message: /cluster unreachable(?![^\n]{0,300}(?:executable|x509|must be logged in))/i,
    check: 'WI701',
    what: "Helm can't reach the cluster",
    why: ['The cluster is private, a firewall blocks the connection, or Helm uses a different proxy'],
    remedy: command('kubectl get --raw /version'),
  },
  {
    codes: ['HelmFailed'],
    services,
    what: 'Helm failed to install the webhook',
    why: ["See Helm's own message below"],
    remedy: command('helm status workload-identity-webhook --namespace azure-workload-identity-system'),
  },
]
