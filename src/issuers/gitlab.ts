import { choiceFault, type Issuer, type IssuerSettings, pathFault } from './issuer.ts'

const variable = 'AZURE_ID_TOKEN'

const refOf = ({ branch, tag }: IssuerSettings) =>
  branch === undefined ? `ref_type:tag:ref:${tag}` : `ref_type:branch:ref:${branch}`

/** GitLab CI: gitlab.com and self-managed instances. */
export const gitlab: Issuer = {
  name: 'gitlab',
  title: 'GitLab CI',
  project: 'GROUP/PROJECT',
  settings: ['branch', 'tag', 'environment', 'subjectForm', 'projectId', 'issuerHost', 'subject', 'matching'],
  examples: ['acme/shop --branch main', 'acme/shop --tag v1.0.0'],
  note: "The environment is a separate claim and not part of the subject, so a credential can't select it; use a protected branch or tag.",
  url: ({ issuerHost = 'gitlab.com' }) => `https://${issuerHost}`,
  faultOf(settings) {
    const path = pathFault(settings, {
      placeholder: 'GROUP/PROJECT, such as acme/shop',
      parts: 2,
      more: true,
    })
    if (path) return path
    if (settings.environment !== undefined)
      return {
        fault: '--environment does not apply: GitLab does not put the environment into the subject',
        allowed: '--branch or --tag of protected refs',
      }
    if (settings.subject !== undefined || settings.matching !== undefined) return undefined
    if (settings.subjectForm && settings.subjectForm !== 'names' && settings.projectId === undefined)
      return {
        fault: '--project-id is missing',
        allowed: "the project's number, with ci_id_token_sub_claim_components beginning with project_id",
      }
    return choiceFault(settings, ['branch', 'tag'])
  },
  tokens(settings) {
    const names = `project_path:${settings.project}:${refOf(settings)}`
    const ids = `project_id:${settings.projectId}:${refOf(settings)}`
    if (settings.subjectForm === 'both')
      return [
        { id: 'ids', subject: ids },
        { id: 'names', subject: names },
      ]
    return [{ id: '', subject: settings.subjectForm === 'ids' ? ids : names }]
  },
  snippet: ({ clientId, tenantId, audience }) =>
    [
      'deploy:',
      '  id_tokens:',
      `    ${variable}:`,
      `      aud: ${audience}`,
      '  variables:',
      `    AZURE_CLIENT_ID: ${clientId}`,
      `    AZURE_TENANT_ID: ${tenantId}`,
      '  before_script:',
      '    - export AZURE_FEDERATED_TOKEN_FILE="$(mktemp)"',
      `    - printf %s "$${variable}" > "$AZURE_FEDERATED_TOKEN_FILE"`,
    ].join('\n'),
  jobToken: async (job) => job.variable(variable),
}
