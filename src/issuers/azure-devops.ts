import { isGuid } from '../settings/rules.ts'
import { type Issuer, type IssuerSettings, pathFault } from './issuer.ts'

/** The application that issues the tokens of service connections, as GUID. */
const issuingApplication = '499b84ac-1321-427f-aa17-267ca6975798'

/** Returns a GUID as Entra writes it in subjects: unpadded base64url of its mixed-endian bytes. */
export function encodedGuid(guid: string): string {
  const bytes = Buffer.from(guid.replaceAll('-', ''), 'hex')
  const mixed = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map((at) => bytes[at]!)
  return Buffer.from(mixed).toString('base64url')
}

const isNew = ({ subjectForm }: IssuerSettings) => subjectForm !== 'names'

/** Azure DevOps service connections: the issuer of Entra; the earlier one retires on 1 July 2027. */
export const azureDevOps: Issuer = {
  name: 'azure-devops',
  title: 'Azure DevOps',
  project: 'ORGANIZATION/PROJECT/CONNECTION',
  settings: ['subjectForm', 'ownerId', 'projectId', 'subject'],
  examples: [
    'acme/shop/azure-prod --owner-id 0b5f0e3c-8a5e-4a3b-9f0e-1f2d3c4b5a69 --project-id 7c9e6679-7425-40de-944b-e07fc1f90ae7',
    'acme/shop/azure-prod --owner-id 0b5f0e3c-8a5e-4a3b-9f0e-1f2d3c4b5a69 --subject-form names',
  ],
  note: 'New service connections have the issuer login.microsoftonline.com, and IDs in the subject (--subject-form ids, the default). Those with vstoken.dev.azure.com (--subject-form names) retire on 1 July 2027.',
  url: (settings) =>
    isNew(settings)
      ? settings.tenant &&
        `https://${settings.issuerHost ?? 'login.microsoftonline.com'}/${settings.tenant}/v2.0`
      : `https://vstoken.dev.azure.com/${settings.ownerId}`,
  faultOf(settings) {
    const path = pathFault(settings, {
      placeholder: 'ORGANIZATION/PROJECT/CONNECTION, such as acme/shop/azure-prod',
      parts: 3,
    })
    if (path) return path
    if (settings.subjectForm === 'both')
      return {
        fault: '--subject-form both does not apply: the forms have different issuers',
        allowed: 'ids now, and names with another settings file (--file) until the connection is converted',
      }
    const { ownerId, projectId } = settings
    if (ownerId === undefined || !isGuid(ownerId))
      return { fault: '--owner-id is missing or not a GUID', allowed: 'the ID of the organization' }
    if (settings.subject === undefined && isNew(settings) && (projectId === undefined || !isGuid(projectId)))
      return { fault: '--project-id is missing or not a GUID', allowed: 'the ID of the service connection' }
    return undefined
  },
  tokens(settings) {
    if (!isNew(settings)) return [{ id: '', subject: `sc://${settings.project}` }]
    const tenant = settings.tenant && isGuid(settings.tenant) ? encodedGuid(settings.tenant) : ''
    const { ownerId, projectId } = settings
    return [
      {
        id: '',
        subject: `/eid1/c/pub/t/${tenant}/a/${encodedGuid(issuingApplication)}/sc/${ownerId}/${projectId}`,
      },
    ]
  },
  snippet: ({ clientId, tenantId, subscriptionId }) =>
    [
      '# The service connection: Azure Resource Manager, workload identity federation (manual)',
      `#   Application (client) ID: ${clientId}`,
      `#   Directory (tenant) ID:   ${tenantId}`,
      `#   Subscription ID:         ${subscriptionId}`,
      'steps:',
      '  - task: AzureCLI@2',
      '    inputs:',
      '      azureSubscription: <the name of the service connection>',
      '      scriptType: bash',
      '      scriptLocation: inlineScript',
      '      inlineScript: az account show',
    ].join('\n'),
  jobToken: (job, { projectId }) => job.azureDevOpsToken(projectId),
}
