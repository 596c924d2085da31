import {
  annotateAccount,
  applicationPath,
  credentialsPath,
  expectedSubject,
  type Fixture,
  type SeededFault,
} from '../fault.ts'

const otherIssuer =
  'https://westeurope.oic.prod-aks.azure.com/11111111-2222-4333-8444-555555555555/66666666-7777-4888-8999-000000000000/'

/** Changes the federated credential of the set-up. */
const patchCredential = async (fixture: Fixture, fields: Record<string, unknown>) =>
  fixture.apis.graph('PATCH', `${await credentialsPath(fixture)}/${fixture.outputs.credential}`, fields)

let replacements = 0
const exchangeAudience = 'api://AzureADTokenExchange'

/** Replaces the federated credential by one with another name, as another tool would create it. */
async function replaceCredential(
  fixture: Fixture,
  fields: { issuer?: string; subject?: string },
): Promise<void> {
  const at = await credentialsPath(fixture)
  const { value } = await fixture.apis.graph('GET', at)
  for (const { id } of value) await fixture.apis.graph('DELETE', `${at}/${id}`)
  await fixture.apis.graph('POST', at, {
    name: `made-by-hand-${++replacements}`,
    issuer: fixture.outputs.issuer,
    subject: expectedSubject(fixture),
    audiences: [exchangeAudience],
    ...fields,
  })
}

/** Deletes the federated credential of the set-up. */
const deleteCredential = async (fixture: Fixture) =>
  fixture.apis.graph('DELETE', `${await credentialsPath(fixture)}/${fixture.outputs.credential}`)

async function moveCredentialTo(fixture: Fixture, path: string): Promise<void> {
  await deleteCredential(fixture)
  await fixture.apis.graph('POST', path, {
    name: 'by-hand',
    issuer: fixture.outputs.issuer,
    subject: expectedSubject(fixture),
    audiences: [exchangeAudience],
  })
}

/** Faults of the identity and its federated credentials. */
export const trustFaults: SeededFault[] = [
  {
    code: 'WI103',
    description: 'a federated credential whose issuer lacks the trailing slash',
    api: 'Graph',
    seed: (fixture) => replaceCredential(fixture, { issuer: fixture.outputs.issuer.replace(/\/$/, '') }),
  },
  {
    code: 'WI102',
    description: 'a federated credential for the previous cluster',
    api: 'Graph',
    seed: (fixture) => replaceCredential(fixture, { issuer: otherIssuer }),
  },
  {
    code: 'WI102',
    description: 'the federated credential is deleted',
    api: 'Graph',
    seed: deleteCredential,
  },
  {
    code: 'WI102',
    description: "a managed identity's federated credential is deleted",
    fixture: 'managed',
    api: 'Resource Manager',
    seed: ({ apis, settings, outputs }) =>
      apis.arm(
        'DELETE',
        `/resourceGroups/${settings.resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${settings.identity}/federatedIdentityCredentials/${outputs.credential}`,
      ),
  },
  {
    code: 'WI111',
    description: "another cluster's issuer is written to the federated credential",
    api: 'Graph',
    seed: (fixture) => patchCredential(fixture, { issuer: otherIssuer.replace('66666666', '77777777') }),
  },
  {
    code: 'WI115',
    discardFixture: true,
    description: 'the federated credential is on another application',
    api: 'Graph',
    seed: async (fixture) => {
      const { id } = await fixture.apis.graph('POST', '/applications', { displayName: 'shop-reader' })
      await moveCredentialTo(fixture, `/applications/${id}/federatedIdentityCredentials`)
    },
  },
  {
    code: 'WI115',
    discardFixture: true,
    description: 'the federated credential is on another managed identity',
    api: 'Resource Manager',
    seed: async (fixture) => {
      const { apis, settings, outputs } = fixture
      const path = `/resourceGroups/${settings.resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/shop-reader`
      await apis.arm('POST', '/providers/Microsoft.ManagedIdentity/register')
      await apis.arm('PUT', path, { location: 'westeurope' })
      await apis.arm('PUT', `${path}/federatedIdentityCredentials/by-hand`, {
        properties: {
          issuer: outputs.issuer,
          subject: expectedSubject(fixture),
          audiences: [exchangeAudience],
        },
      })
      await deleteCredential(fixture)
    },
  },
  {
    code: 'WI110',
    description: "the annotation has another application's client ID",
    api: 'Kubernetes',
    seed: async (fixture) => {
      const { appId } = await fixture.apis.graph('POST', '/applications', { displayName: 'other-workload' })
      return annotateAccount(fixture, { 'azure.workload.identity/client-id': appId })
    },
  },
  {
    code: 'WI104',
    description: 'the subject names another service account',
    api: 'Graph',
    seed: (fixture) => patchCredential(fixture, { subject: `${expectedSubject(fixture)}-old` }),
  },
  {
    code: 'WI105',
    description: "the subject's letter case differs",
    api: 'Graph',
    seed: (fixture) =>
      patchCredential(fixture, { subject: expectedSubject(fixture).replace('score', 'Score') }),
  },
  {
    code: 'WI106',
    description: 'the audience is for AKS identity bindings',
    api: 'Graph',
    seed: (fixture) => patchCredential(fixture, { audiences: ['api://AKSIdentityBinding'] }),
  },
  {
    code: 'WI106',
    description: '--audience names another audience than credential and webhook',
    api: { none: 'it is a setting' },
    args: () => ['--audience', 'api://other'],
    alsoReported: ['WI201'],
    seed: async () => {},
  },
  {
    code: 'WI110',
    description: "the annotation has the identity's resource ID",
    fixture: 'managed',
    api: 'Kubernetes',
    seed: (fixture) =>
      annotateAccount(fixture, {
        'azure.workload.identity/client-id': `/subscriptions/${fixture.settings.subscription}/resourceGroups/${fixture.settings.resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${fixture.settings.identity}`,
      }),
  },
  {
    code: 'WI110',
    description: "the annotation has the identity's object ID",
    api: 'Kubernetes',
    seed: async (fixture) => {
      const { id } = await fixture.apis.graph('GET', applicationPath(fixture))
      return annotateAccount(fixture, { 'azure.workload.identity/client-id': id })
    },
  },
  {
    code: 'WI110',
    description: 'the annotation has an unknown client ID',
    api: 'Kubernetes',
    seed: (fixture) =>
      annotateAccount(fixture, {
        'azure.workload.identity/client-id': 'aaaaaaaa-0000-4000-8000-000000000000',
      }),
  },
  {
    code: 'WI110',
    description: 'the application is deleted',
    discardFixture: true,
    api: 'Graph',
    seed: ({ apis, outputs }) => apis.graph('DELETE', `/applications(appId='${outputs.clientId}')`),
  },
  {
    code: 'WI113',
    description: 'the service principal is disabled',
    api: 'Graph',
    seed: ({ apis, outputs }) =>
      apis.graph('PATCH', `/servicePrincipals(appId='${outputs.clientId}')`, { accountEnabled: false }),
  },
  {
    code: 'WI113',
    description: 'the service principal is deleted',
    discardFixture: true,
    api: 'Graph',
    seed: ({ apis, outputs }) => apis.graph('DELETE', `/servicePrincipals(appId='${outputs.clientId}')`),
  },
  {
    code: 'WI407',
    description: '18 of 20 federated credentials are in use',
    api: 'Graph',
    seed: async (fixture) => {
      const at = await credentialsPath(fixture)
      const { value } = await fixture.apis.graph('GET', at)
      for (let n = value.length; n < 18; n++)
        await fixture.apis.graph('POST', at, {
          name: `gone-${n}`,
          issuer: otherIssuer.replace('66666666', `0000000${n % 10}`).replace('7777', `${1000 + n}`),
          subject: expectedSubject(fixture),
          audiences: [exchangeAudience],
        })
    },
  },
  {
    code: 'WI101',
    description: 'a new federated credential has not replicated yet',
    fixture: 'real-time',
    api: 'Graph',
    seed: async (fixture) => {
      fixture.clock.stopped = true
      await fixture.apis.graph('DELETE', `${await credentialsPath(fixture)}/${fixture.outputs.credential}`)
      await fixture.apis.graph('POST', await credentialsPath(fixture), {
        name: fixture.outputs.credential,
        issuer: fixture.outputs.issuer,
        subject: expectedSubject(fixture),
        audiences: [exchangeAudience],
      })
      // Graph already returns the credential, but the token service doesn't accept it yet.
      fixture.clock.ahead = 120
    },
    stopWaiting: ({ clock }) => {
      clock.stopped = false
      clock.ahead = 0
    },
  },
]
