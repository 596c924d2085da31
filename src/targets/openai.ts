import type { Target } from './target.ts'

const openAi = 'Microsoft.CognitiveServices/accounts/OpenAI'

/** Models of an Azure OpenAI or Foundry account. Source: built-in roles and REST reference of Azure OpenAI. */
export const openai: Target = {
  name: 'openai',
  form: 'openai:ACCOUNT',
  example: 'openai:shop-ai=user',
  type: 'Microsoft.CognitiveServices/accounts',
  apiVersion: '2025-06-01',
  resourceTitle: 'Azure OpenAI account',
  roles: [
    {
      word: 'user',
      id: '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd',
      name: 'Cognitive Services OpenAI User',
      action: `${openAi}/deployments/chat/completions/action`,
      plane: 'data',
    },
    {
      word: 'contributor',
      id: 'a001fd3d-188f-4b5d-821b-7da978bf7442',
      name: 'Cognitive Services OpenAI Contributor',
      action: `${openAi}/fine-tunes/write`,
      plane: 'data',
    },
  ],
  names: {
    allowed: '2 to 64 letters, digits, periods, hyphens and underscores',
    resource: /^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,63}$/,
  },
  label: (account) => `models of ${account}`,
  scope: (id) => id,
  entraDisabled: ({ properties }) =>
    properties.customSubDomainName
      ? undefined
      : { is: 'the endpoint of its region', should: 'a custom subdomain, which can be set only once' },
  isPublic: ({ properties }) => (properties.publicNetworkAccess ?? 'Enabled') === 'Enabled',
  proof: ({ properties }) => ({
    by: 'request',
    request: {
      service: 'openai',
      url: `${String(properties.endpoint ?? '').replace(/\/?$/, '/')}openai/models?api-version=2024-10-21`,
    },
    shows: () => 'lists the models',
  }),
  // A missing role is a 401 with this code; any other 401 is the token's fault.
  refusal({ code, status, message }) {
    if (code === 'PermissionDenied' || /Principal does not have access to API/i.test(message)) return 'role'
    if (/Firewall rules|Public access is disabled/i.test(message)) return 'network'
    if (status === 401 || /^Tenant provided in token/i.test(code)) return 'token'
    return code === 'DeploymentNotFound' ? 'entity' : undefined
  },
}
