import type { CheckCode } from '../base/check-code.ts'

interface UndetectableFailure {
  code: CheckCode
  /** Why no check detects it. */
  why: string
  /** What to do instead: a command, or an instruction that continues a sentence. */
  instead: string
}

/**
 * `codes` lists failures of the catalogue that no check detects. `unseeded` lists checks for which `test/score` seeds no
 * fault, with the reason.
 */
export const undetectable: {
  codes: readonly UndetectableFailure[]
  unseeded: Readonly<Record<string, string>>
} = {
  codes: [
    {
      code: 'WI306',
      why: 'it only affects pods created during the installation, and leaves no trace',
      instead: 'restart the workload: kubectl rollout restart deployment NAME',
    },
    {
      code: 'WI302',
      why: 'it happens when the chart is installed in addition to the add-on; the set-up reuses an existing webhook',
      instead:
        'kubectl get mutatingwebhookconfiguration azure-wi-webhook-mutating-webhook-configuration --output yaml',
    },
    {
      code: 'WI402',
      why: 'it needs two concurrent writes; the set-up retries its own',
      instead: 'check other pipelines that write federated credentials of the same identity',
    },
    {
      code: 'WI403',
      why: 'it lasts minutes after the identity is created; the set-up waits',
      instead: 'run the same command again',
    },
    {
      code: 'WI404',
      why: 'Entra rejects the write; the set-up looks for an existing credential first and uses it',
      instead: 'run az identity federated-credential list or az ad app federated-credential list',
    },
    {
      code: 'WI405',
      why: 'one version of az has this bug; the set-up always sends one audience',
      instead: 'run az version: 2.74 has the bug',
    },
    {
      code: 'WI406',
      why: 'Azure rejects the write; the set-up reads the issuer first (WI107)',
      instead: 'az aks show --query oidcIssuerProfile',
    },
    {
      code: 'WI408',
      why: 'it lasts seconds after a write; the set-up waits until the change is visible',
      instead: 'run the same command again',
    },
    {
      code: 'WI409',
      why: 'Azure evaluates policies only when a resource is written',
      instead: 'az policy assignment list --disable-scope-strict-match',
    },
    {
      code: 'WI412',
      why: 'it lasts minutes after the identity is created; the set-up sends the principal type and waits',
      instead: 'run the same command again',
    },
    {
      code: 'WI413',
      why: 'another tool causes it in sovereign clouds; wi-setup reads the endpoints from the cloud (--cloud)',
      instead: 'az cloud show',
    },
    {
      code: 'WI603',
      why: "it is the application's message for WI201",
      instead: 'npx wi-setup verify --workload deploy/NAME',
    },
    { code: 'WI703', why: 'the set-up does not use az', instead: 'az version' },
    {
      code: 'WI704',
      why: 'it comes from the order of attributes in Terraform',
      instead: 'set oidc_issuer_enabled and workload_identity_enabled in the same apply',
    },
    {
      code: 'WI705',
      why: 'it comes from Service Connector, which the set-up does not use',
      instead: 'az aks connection list',
    },
  ],
  unseeded: {
    WI123: 'it fails as WI101 does, for a credential that has not replicated yet',
    WI801: 'the sandbox has one tenant; test/unit/checks/preflight.test.ts sets another one',
    WI411:
      'the sandbox has no conditional access; test/unit/checks/preflight.test.ts returns the error of Entra',
    WI601: 'pods in the simulated cluster run no containers; test/e2e/7-in-cluster.test.ts breaks real ones',
    WI208:
      'AKS no longer offers Kubernetes 1.18; test/unit/checks/workloads/rules.test.ts checks a Deployment for it',
    WI806: 'the remedy for an unreadable chart is to pass the right address, which no command knows',
  },
}
