import { annotate, applicationOf, credentialsOf, type Fault, type Scene, subjectOf } from '../fault.ts'

const other =
  'https://westeurope.oic.prod-aks.azure.com/11111111-2222-4333-8444-555555555555/66666666-7777-4888-8999-000000000000/'

/** Writes into the credential that the set-up made. */
const rewrite = async (scene: Scene, part: Record<string, unknown>) =>
  scene.to.graph('PATCH', `${await credentialsOf(scene)}/${scene.made.credential}`, part)

let made = 0
const exchanged = 'api://AzureADTokenExchange'

/** As another tool would have made it: the same trust under its own name. */
async function replace(scene: Scene, of: { issuer?: string; subject?: string }): Promise<void> {
  const at = await credentialsOf(scene)
  const { value } = await scene.to.graph('GET', at)
  for (const { id } of value) await scene.to.graph('DELETE', `${at}/${id}`)
  await scene.to.graph('POST', at, {
    name: `made-by-hand-${++made}`,
    issuer: scene.made.issuer,
    subject: subjectOf(scene),
    audiences: [exchanged],
    ...of,
  })
}

/** Takes the credential that the set-up made off its identity. */
const drop = async (scene: Scene) =>
  scene.to.graph('DELETE', `${await credentialsOf(scene)}/${scene.made.credential}`)

async function moveTo(scene: Scene, at: string): Promise<void> {
  await drop(scene)
  await scene.to.graph('POST', at, {
    name: 'by-hand',
    issuer: scene.made.issuer,
    subject: subjectOf(scene),
    audiences: [exchanged],
  })
}

/** The identity in Entra, and the trust between it and the cluster. */
export const trust: Fault[] = [
  {
    code: 'WI103',
    says: 'a credential made by hand whose issuer lacks the final slash',
    by: 'Graph',
    seed: (scene) => replace(scene, { issuer: scene.made.issuer.replace(/\/$/, '') }),
  },
  {
    code: 'WI102',
    says: 'a credential made by hand for the cluster before this one',
    by: 'Graph',
    seed: (scene) => replace(scene, { issuer: other }),
  },
  {
    code: 'WI102',
    says: 'the credential is deleted',
    by: 'Graph',
    seed: drop,
  },
  {
    code: 'WI102',
    says: "a managed identity's credential is deleted",
    on: 'managed',
    by: 'Resource Manager',
    seed: ({ to, settings, made }) =>
      to.arm(
        'DELETE',
        `/resourceGroups/${settings.resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${settings.identity}/federatedIdentityCredentials/${made.credential}`,
      ),
  },
  {
    code: 'WI111',
    says: 'another cluster rewrites the credential of this name',
    by: 'Graph',
    seed: (scene) => rewrite(scene, { issuer: other.replace('66666666', '77777777') }),
  },
  {
    code: 'WI115',
    renews: true,
    says: 'another application holds the credential',
    by: 'Graph',
    seed: async (scene) => {
      const { id } = await scene.to.graph('POST', '/applications', { displayName: 'shop-reader' })
      await moveTo(scene, `/applications/${id}/federatedIdentityCredentials`)
    },
  },
  {
    code: 'WI115',
    renews: true,
    says: 'a managed identity of the resource group holds the credential',
    by: 'Resource Manager',
    seed: async (scene) => {
      const { to, settings, made } = scene
      const path = `/resourceGroups/${settings.resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/shop-reader`
      await to.arm('POST', '/providers/Microsoft.ManagedIdentity/register')
      await to.arm('PUT', path, { location: 'westeurope' })
      await to.arm('PUT', `${path}/federatedIdentityCredentials/by-hand`, {
        properties: { issuer: made.issuer, subject: subjectOf(scene), audiences: [exchanged] },
      })
      await drop(scene)
    },
  },
  {
    code: 'WI110',
    says: 'the annotation names the application of another workload',
    by: 'Kubernetes',
    seed: async (scene) => {
      const { appId } = await scene.to.graph('POST', '/applications', { displayName: 'other-workload' })
      return annotate(scene, { 'azure.workload.identity/client-id': appId })
    },
  },
  {
    code: 'WI104',
    says: 'the subject names another service account',
    by: 'Graph',
    seed: (scene) => rewrite(scene, { subject: `${subjectOf(scene)}-old` }),
  },
  {
    code: 'WI105',
    says: 'the subject is written in other case',
    by: 'Graph',
    seed: (scene) => rewrite(scene, { subject: subjectOf(scene).replace('score', 'Score') }),
  },
  {
    code: 'WI106',
    says: 'the audience is that of AKS identity bindings',
    by: 'Graph',
    seed: (scene) => rewrite(scene, { audiences: ['api://AKSIdentityBinding'] }),
  },
  {
    code: 'WI110',
    says: "the annotation holds the identity's resource id",
    on: 'managed',
    by: 'Kubernetes',
    seed: (scene) =>
      annotate(scene, {
        'azure.workload.identity/client-id': `/subscriptions/${scene.settings.subscription}/resourceGroups/${scene.settings.resourceGroup}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${scene.settings.identity}`,
      }),
  },
  {
    code: 'WI110',
    says: 'the annotation holds the object id',
    by: 'Kubernetes',
    seed: async (scene) => {
      const { id } = await scene.to.graph('GET', applicationOf(scene))
      return annotate(scene, { 'azure.workload.identity/client-id': id })
    },
  },
  {
    code: 'WI110',
    says: 'the annotation names an identity that is not there',
    by: 'Kubernetes',
    seed: (scene) =>
      annotate(scene, { 'azure.workload.identity/client-id': 'aaaaaaaa-0000-4000-8000-000000000000' }),
  },
  {
    code: 'WI110',
    says: 'the application is deleted',
    renews: true,
    by: 'Graph',
    seed: ({ to, made }) => to.graph('DELETE', `/applications(appId='${made.clientId}')`),
  },
  {
    code: 'WI113',
    says: 'the service principal is disabled',
    by: 'Graph',
    seed: ({ to, made }) =>
      to.graph('PATCH', `/servicePrincipals(appId='${made.clientId}')`, { accountEnabled: false }),
  },
  {
    code: 'WI113',
    says: 'the service principal is deleted',
    renews: true,
    by: 'Graph',
    seed: ({ to, made }) => to.graph('DELETE', `/servicePrincipals(appId='${made.clientId}')`),
  },
  {
    code: 'WI407',
    says: '18 of 20 credentials, of clusters long gone',
    by: 'Graph',
    seed: async (scene) => {
      const at = await credentialsOf(scene)
      const { value } = await scene.to.graph('GET', at)
      for (let n = value.length; n < 18; n++)
        await scene.to.graph('POST', at, {
          name: `gone-${n}`,
          issuer: other.replace('66666666', `0000000${n % 10}`).replace('7777', `${1000 + n}`),
          subject: subjectOf(scene),
          audiences: [exchanged],
        })
    },
  },
  {
    code: 'WI101',
    says: 'a credential made this moment, which Entra has not copied yet',
    on: 'paced',
    by: 'Graph',
    seed: async (scene) => {
      scene.clock.stand = true
      await scene.to.graph('DELETE', `${await credentialsOf(scene)}/${scene.made.credential}`)
      await scene.to.graph('POST', await credentialsOf(scene), {
        name: scene.made.credential,
        issuer: scene.made.issuer,
        subject: subjectOf(scene),
        audiences: [exchanged],
      })
      // Graph shows it by now; the token service does not know it yet.
      scene.clock.ahead = 120
    },
    passes: ({ clock }) => {
      clock.stand = false
      clock.ahead = 0
    },
  },
]
