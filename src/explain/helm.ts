import type { Explanation } from './explanation.ts'

/** In a log: what Helm puts before its errors. */
const helmSays = /(?:INSTALLATION|INSTALL|UPGRADE|UNINSTALLATION) FAILED|\bhelm\b|chart/i

const services = ['helm'] as const

/** The `helm` program. */
export const helmExplanations: readonly Explanation[] = [
  {
    codes: ['HelmNotFound'],
    what: 'The program helm is not installed, or not on the PATH',
    why: ['the webhook is installed by Helm on clusters other than AKS'],
    remedy:
      'Install Helm 3.8 or newer (https://helm.sh/docs/intro/install), or on AKS take the add-on: npx wi-setup webhook --webhook addon',
  },
  {
    codes: ['HelmFailed'],
    message: /invalid ownership metadata|cannot be imported into the current release/i,
    values: [/(?<kind>[A-Z]\w+) "(?<name>[^"]+)" in namespace/, /current value is "(?<release>[^"]+)"/],
    check: 'WI302',
    what: 'The webhook[ ({kind} {name})] is already installed by other means[, by {release}]',
    why: ['the AKS add-on, a manifest or another Helm release put it there; only one can be installed'],
    remedy: 'Use the one that is there: npx wi-setup --webhook auto',
  },
  {
    codes: ['HelmFailed'],
    message: /another operation \(install\/upgrade\/rollback\) is in progress/i,
    what: 'Helm is still at work on the release, or was killed while it was',
    why: ['another run installs it just now', 'an earlier one was killed'],
    remedy: 'Wait a few minutes, then run the same command again',
  },
  {
    codes: ['HelmFailed'],
    message: /timed out waiting for the condition|context deadline exceeded|resources? not ready/i,
    context: /workload-identity|azure-wi/,
    check: 'WI301',
    what: 'The webhook was installed, but its pods did not become ready in time',
    why: ['its image cannot be pulled from mcr.microsoft.com', 'no node has room for its pods'],
    remedy: 'kubectl -n azure-workload-identity-system get pods,events',
  },
  {
    codes: ['HelmFailed'],
    message: /azureTenantID entry required/i,
    check: 'WI305',
    what: 'The chart wants to know the tenant',
    why: ['azureTenantID was not given'],
    remedy: 'npx wi-setup webhook',
  },
  {
    codes: ['HelmFailed'],
    message:
      /looks like "[^"]+" is not a valid chart repository|failed to download|chart "[^"]+"[^:]* not found|no such host|failed to fetch/i,
    context: helmSays,
    what: 'Helm could not get the chart',
    why: ['its repository cannot be reached from here', '--chart or --chart-version is misspelt'],
    remedy:
      'helm show chart workload-identity-webhook --repo https://azure.github.io/azure-workload-identity/charts',
  },
  {
    codes: ['HelmFailed'],
    message: /cannot re-use a name that is still in use/i,
    what: 'The Helm release is there already',
    why: ['another run installed it in the meantime'],
    remedy: 'npx wi-setup webhook',
  },
  {
    codes: ['HelmFailed'],
    message: /is forbidden: User "(?<user>[^"]+)"/,
    context: helmSays,
    check: 'WI702',
    what: 'The cluster does not let {user|you} install the webhook',
    why: ['installing it takes rights on the whole cluster (cluster-admin)'],
    remedy: 'kubectl auth can-i create mutatingwebhookconfigurations',
  },
  {
    codes: ['HelmFailed'],
    message: /cluster unreachable/i,
    check: 'WI701',
    what: 'Helm could not reach the cluster',
    why: ['a private cluster, a firewall, or a proxy that only helm uses'],
    remedy: 'kubectl get --raw /version',
  },
  {
    codes: ['HelmFailed'],
    services,
    what: 'Helm could not install the webhook',
    why: ['its own words stand below'],
    remedy: 'helm status workload-identity-webhook --namespace azure-workload-identity-system',
  },
]
