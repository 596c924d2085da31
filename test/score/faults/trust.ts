import {
  annotateAccount,
  applicationPath,
  credentialsPath,
  expectedSubject,
  type Fixture,
  type SeededFault,
} from '../fault.ts'

const other =
  'https://westeurope.oic.prod-aks.azure.com/11111111-2222-4333-8444-555555555555/66666666-7777-4888-8999-000000000000/'

/** Writes into the credential that the set-up made. */
const rewrite = async (scene: Fixture, part: Record<string, unknown>) =>
  scene.apis.graph('PATCH', `${await credentialsPath(scene)}/${scene.outputs.credential}`, part)

let made = 0
const exchanged = 'api://AzureADTokenExchange'

/** As another tool would have made it: the same trust under its own name. */
async function replace(scene: Fixture, of: { issuer?: string; subject?: string }): Promise<void> {
  const at = await credentialsPath(scene)
  const { value } = await scene.apis.graph('GET', at)
  for (const { id } of value) await scene.apis.graph('DELETE', `${at}/${id}`)
  await scene.apis.graph('POST', at, {
    name: `made-by-hand-${++made}`,
    issuer: scene.outputs.issuer,
    subject: expectedSubject(scene),
    audiences: [exchanged],
    ...of,
  })
}

/** Takes the credential that the set-up made off its identity. */
const drop = async (scene: Fixture) =>
  scene.apis.graph('DELETE', `${await credentialsPath(scene)}/${scene.outputs.credential}`)

async function moveTo(scene: Fixture, at: string): Promise<void> {
  await drop(scene)
  await scene.apis.graph('POST', at, {
    name: 'by-hand',
    issuer: scene.outputs.issuer,
    subject: expectedSubject(scene),
    audiences: [exchanged],
  })
}

/** The identity in Entra, and the trust between it and the cluster. */
export const trustFaults: SeededFault[] = [
  {
    code: 'WI103',
    description: 'a credential made by hand whose issuer lacks the final slash',
    api: 'Graph',
    seed: (scene) => replace(scene, { issuer: scene.outputs.issuer.replace(/\/$/, '') }),
  },
  {
    code: 'WI102',
    description: 'a credential made by hand for the cluster before this one',
    api: 'Graph',
    seed: (scene) => replace(scene, { issuer: other }),
  },
  {
    code: 'WI102',
    description: 'the credential is deleted',
    api: 'Graph',
    seed: drop,
  },
  {
    code: 'WI102',
    description: "a managed identity's credential is deleted",
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
    description: 'another cluster rewrites the credential of this name',
    api: 'Graph',
    seed: (scene) => rewrite(scene, { issuer: other.replace('66666666', '77777777') }),
  },
  {
    code: 'WI115',
    discardFixture: true,
    description: 'another application holds the credential',
    api: 'Graph',
    seed: async (scene) => {
      const { id } = await scene.apis.graph('POST', '/applications', { displayName: 'shop-reader' })
      await moveTo(scene, `/applications/${id}/federatedIdentityCredentials`)
    },
  },
  {
    code: 'WI115',
    discardFixture: true,
    description: 'a managed identity of the resource group holds the credential',
    api: 'Resource Manager',
    seed: async (scene) => {
      const { apis, settings, outputs } = scene
      const path = `/resourceGroups/${settings.resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/shop-reader`
      await apis.arm('POST', '/providers/Microsoft.ManagedIdentity/register')
      await apis.arm('PUT', path, { location: 'westeurope' })
      await apis.arm('PUT', `${path}/federatedIdentityCredentials/by-hand`, {
        properties: { issuer: outputs.issuer, subject: expectedSubject(scene), audiences: [exchanged] },
      })
      await drop(scene)
    },
  },
  {
    code: 'WI110',
    description: 'the annotation names the application of another workload',
    api: 'Kubernetes',
    seed: async (scene) => {
      const { appId } = await scene.apis.graph('POST', '/applications', { displayName: 'other-workload' })
      return annotateAccount(scene, { 'azure.workload.identity/client-id': appId })
    },
  },
  {
    code: 'WI104',
    description: 'the subject names another service account',
    api: 'Graph',
    seed: (scene) => rewrite(scene, { subject: `${expectedSubject(scene)}-old` }),
  },
  {
    code: 'WI105',
    description: 'the subject is written in other case',
    api: 'Graph',
    seed: (scene) => rewrite(scene, { subject: expectedSubject(scene).replace('score', 'Score') }),
  },
  {
    code: 'WI106',
    description: 'the audience is that of AKS identity bindings',
    api: 'Graph',
    seed: (scene) => rewrite(scene, { audiences: ['api://AKSIdentityBinding'] }),
  },
  {
    code: 'WI110',
    description: "the annotation holds the identity's resource id",
    fixture: 'managed',
    api: 'Kubernetes',
    seed: (scene) =>
      annotateAccount(scene, {
        'azure.workload.identity/client-id': `/subscriptions/${scene.settings.subscription}/resourceGroups/${scene.settings.resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${scene.settings.identity}`,
      }),
  },
  {
    code: 'WI110',
    description: 'the annotation holds the object id',
    api: 'Kubernetes',
    seed: async (scene) => {
      const { id } = await scene.apis.graph('GET', applicationPath(scene))
      return annotateAccount(scene, { 'azure.workload.identity/client-id': id })
    },
  },
  {
    code: 'WI110',
    description: 'the annotation names an identity that is not there',
    api: 'Kubernetes',
    seed: (scene) =>
      annotateAccount(scene, { 'azure.workload.identity/client-id': 'aaaaaaaa-0000-4000-8000-000000000000' }),
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
    description: '18 of 20 credentials, of clusters long gone',
    api: 'Graph',
    seed: async (scene) => {
      const at = await credentialsPath(scene)
      const { value } = await scene.apis.graph('GET', at)
      for (let n = value.length; n < 18; n++)
        await scene.apis.graph('POST', at, {
          name: `gone-${n}`,
          issuer: other.replace('66666666', `0000000${n % 10}`).replace('7777', `${1000 + n}`),
          subject: expectedSubject(scene),
          audiences: [exchanged],
        })
    },
  },
  {
    code: 'WI101',
    description: 'a credential made this moment, which Entra has not copied yet',
    fixture: 'paced',
    api: 'Graph',
    seed: async (scene) => {
      scene.clock.stand = true
      await scene.apis.graph('DELETE', `${await credentialsPath(scene)}/${scene.outputs.credential}`)
      await scene.apis.graph('POST', await credentialsPath(scene), {
        name: scene.outputs.credential,
        issuer: scene.outputs.issuer,
        subject: expectedSubject(scene),
        audiences: [exchanged],
      })
      // Graph shows it by now; the token service does not know it yet.
      scene.clock.ahead = 120
    },
    stopWaiting: ({ clock }) => {
      clock.stand = false
      clock.ahead = 0
    },
  },
]
