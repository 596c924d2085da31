import type { CheckCode } from '../base/check-code.ts'

interface Unseen {
  code: CheckCode
  why: string
  /** What a person can look at. */
  look: string
}

/** Failures of the catalogue that no check names, with the reason; and checks that no fault can be seeded for. */
export const undetectable: { codes: readonly Unseen[]; unseeded: Readonly<Record<string, string>> } = {
  codes: [
    {
      code: 'WI306',
      why: 'pods of the moments after an install; nothing of it is left to see',
      look: 'restart the workload: kubectl rollout restart deployment NAME',
    },
    {
      code: 'WI302',
      why: 'the chart refused on top of the add-on; the set-up takes the webhook that is there, whoever installed it',
      look: 'kubectl get mutatingwebhookconfiguration azure-wi-webhook-mutating-webhook-configuration --output yaml',
    },
    {
      code: 'WI402',
      why: 'two writes at the same moment; the set-up waits and writes again',
      look: 'other pipelines that write credentials of the same identity',
    },
    {
      code: 'WI403',
      why: 'minutes after an identity was made; the set-up waits for it',
      look: 'run the same command again',
    },
    {
      code: 'WI404',
      why: 'refused when written; the set-up looks for the pair first and takes what is there',
      look: 'az identity federated-credential list, az ad app federated-credential list',
    },
    {
      code: 'WI405',
      why: 'a fault of one version of az; the set-up always sends one audience',
      look: 'az version (2.74)',
    },
    {
      code: 'WI406',
      why: 'refused when written; the set-up reads the issuer before (WI107)',
      look: 'az aks show --query oidcIssuerProfile',
    },
    {
      code: 'WI408',
      why: 'seconds after a write; the set-up reads until it is seen',
      look: 'run the same command again',
    },
    {
      code: 'WI409',
      why: 'policies are evaluated by Azure when something is written, for each body anew',
      look: 'az policy assignment list --disable-scope-strict-match',
    },
    {
      code: 'WI412',
      why: 'minutes after an identity was made; the set-up names the kind of principal, and waits',
      look: 'run the same command again',
    },
    {
      code: 'WI413',
      why: 'a fault of another tool in sovereign clouds; here the cloud tells its own addresses (--cloud)',
      look: 'az cloud show',
    },
    {
      code: 'WI603',
      why: 'the same as WI201, as the program tells it',
      look: 'verify --workload',
    },
    { code: 'WI703', why: 'az is not needed here', look: 'az version' },
    {
      code: 'WI704',
      why: 'an order of attributes in Terraform',
      look: 'set oidc_issuer_enabled and workload_identity_enabled at once',
    },
    { code: 'WI705', why: 'another tool, which is not used here', look: 'az aks connection list' },
  ],
  unseeded: {
    WI801: 'the sandbox has one tenant; test/checks/caller.test.ts signs in to another by hand',
    WI411: 'the sandbox has no conditional access; test/checks/caller.test.ts refuses as Entra does',
    WI601: 'pods of the simulated cluster run nothing; test/e2e/7-in-cluster.test.ts breaks it for real ones',
    WI208:
      'AKS has no Kubernetes before 1.19 any more; test/workloads/rules.test.ts looks at a Deployment of it',
    WI806: 'a chart that cannot be read: its remedy is the right address, which only a person knows',
  },
}
