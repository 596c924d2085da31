import type { Target } from './target.ts'

const keyValues = 'Microsoft.AppConfiguration/configurationStores/keyValues'

/** Key-values of a store. Source: built-in roles and REST reference of App Configuration. */
export const appconfig: Target = {
  name: 'appconfig',
  form: 'appconfig:STORE',
  example: 'appconfig:shop-config=reader',
  type: 'Microsoft.AppConfiguration/configurationStores',
  apiVersion: '2024-06-01',
  resourceTitle: 'App Configuration store',
  roles: [
    {
      word: 'reader',
      id: '516239f1-63e1-4d78-a4de-a74fb236a071',
      name: 'App Configuration Data Reader',
      action: `${keyValues}/read`,
      plane: 'data',
    },
    {
      word: 'owner',
      id: '5ae67dd6-50cb-40e7-96ff-dc2bfa4b606b',
      name: 'App Configuration Data Owner',
      action: `${keyValues}/write`,
      plane: 'data',
    },
  ],
  names: {
    allowed: '5 to 50 letters, digits, underscores and hyphens',
    resource: /^[a-zA-Z0-9_-]{5,50}$/,
  },
  label: (store) => `key-values of ${store}`,
  scope: (id) => id,
  isPublic: ({ properties }) => (properties.publicNetworkAccess ?? 'Enabled') === 'Enabled',
  proof: ({ properties }) => ({
    by: 'request',
    request: {
      service: 'appconfig',
      // The filter keeps the response small; without a match it is empty.
      url: `${properties.endpoint}/kv?api-version=2023-11-01&key=wi-setup-proof`,
      headers: { accept: 'application/vnd.microsoft.appconfig.kvset+json' },
    },
    shows: () => 'lists its key-values',
  }),
  refusal: ({ code, status, message }) => {
    if (status === 401) return 'token'
    if (code === 'ip-address-rejected' || code === 'nsp-rejected' || /from this IP address/i.test(message))
      return 'network'
    return undefined
  },
}
