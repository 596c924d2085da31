import { give, owner } from '../caller.ts'
import type { Fault, Scene } from '../fault.ts'

const group = ({ settings }: Scene) => `/resourceGroups/${settings.resourceGroup}`

const register = ({ to }: Scene) =>
  Promise.all(
    ['Microsoft.KeyVault', 'Microsoft.ContainerService', 'Microsoft.ManagedIdentity'].map((name) =>
      to.arm('POST', `/providers/${name}/register`),
    ),
  )

const pre = { on: 'somebody', renews: true, by: 'Resource Manager' } as const

/** What somebody finds who has not all rights: as an Owner runs the remedies, verify is asked by the other. */
export const somebody: Fault[] = [
  {
    ...pre,
    code: 'WI803',
    says: 'an Owner of the group only, where a provider is not registered',
    seed: async (scene) => {
      await scene.to.arm('PUT', group(scene), { location: 'westeurope' })
      await give(scene, group(scene), owner, scene.caller!.principalId)
    },
    args: () => ['--pre'],
  },
  {
    ...pre,
    code: 'WI804',
    says: 'a Reader of the subscription',
    seed: register,
    args: () => ['--pre'],
  },
  {
    ...pre,
    code: 'WI410',
    says: 'an Owner of the subscription who may not register applications',
    seed: async (scene) => {
      await register(scene)
      await give(scene, '', owner, scene.caller!.principalId)
    },
    args: () => ['--pre', '--identity-kind', 'app'],
  },
]
