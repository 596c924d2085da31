import { type Issuer, pathFault } from './issuer.ts'

/** HCP Terraform and Terraform Enterprise: a run's plan and apply have subjects of their own. */
export const terraform: Issuer = {
  name: 'terraform',
  title: 'HCP Terraform',
  project: 'ORGANIZATION/PROJECT/WORKSPACE',
  settings: ['issuerHost', 'subject', 'matching'],
  examples: ['acme/shop/shop-prod', 'acme/shop/shop-prod --issuer-host app.eu.terraform.io'],
  note: 'Plan and apply have different subjects, so a workspace needs two federated credentials. Variables ARM_CLIENT_ID, ARM_USE_OIDC and ARM_OIDC_TOKEN must not be set.',
  url: ({ issuerHost = 'app.terraform.io' }) => `https://${issuerHost}`,
  faultOf: (settings) =>
    pathFault(settings, {
      placeholder: 'ORGANIZATION/PROJECT/WORKSPACE, such as acme/shop/shop-prod',
      parts: 3,
    }),
  tokens(settings) {
    const [organization, project, workspace] = settings.project!.split('/')
    return (['plan', 'apply'] as const).map((id) => ({
      id,
      subject: `organization:${organization}:project:${project}:workspace:${workspace}:run_phase:${id}`,
    }))
  },
  snippet: ({ clientId, tenantId, subscriptionId, audience }) =>
    [
      '# Environment variables of the workspace',
      'TFC_AZURE_PROVIDER_AUTH=true',
      `TFC_AZURE_RUN_CLIENT_ID=${clientId}`,
      ...(audience === 'api://AzureADTokenExchange'
        ? []
        : [`TFC_AZURE_WORKLOAD_IDENTITY_AUDIENCE=${audience}`]),
      `ARM_TENANT_ID=${tenantId}`,
      `ARM_SUBSCRIPTION_ID=${subscriptionId}`,
    ].join('\n'),
  jobToken: async (job) => job.variable('TFC_WORKLOAD_IDENTITY_TOKEN'),
}
