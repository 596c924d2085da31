import type { Fixture, SeededFault } from '../fault.ts'
import { assignRole, ownerRole } from '../restricted-caller.ts'

const group = ({ settings }: Fixture) => `/resourceGroups/${settings.resourceGroup}`

const register = ({ apis }: Fixture) =>
  Promise.all(
    ['Microsoft.KeyVault', 'Microsoft.ContainerService', 'Microsoft.ManagedIdentity'].map((name) =>
      apis.arm('POST', `/providers/${name}/register`),
    ),
  )

const pre = { fixture: 'somebody', discardFixture: true, api: 'Resource Manager' } as const

/** What somebody finds who has not all rights: as an Owner runs the remedies, verify is asked by the other. */
export const permissionFaults: SeededFault[] = [
  {
    ...pre,
    code: 'WI803',
    description: 'an Owner of the group only, where a provider is not registered',
    seed: async (scene) => {
      await scene.apis.arm('PUT', group(scene), { location: 'westeurope' })
      await assignRole(scene, group(scene), ownerRole, scene.caller!.principalId)
    },
    args: () => ['--pre'],
  },
  {
    ...pre,
    code: 'WI804',
    description: 'a Reader of the subscription',
    seed: register,
    args: () => ['--pre'],
  },
  {
    ...pre,
    code: 'WI410',
    description: 'an Owner of the subscription who may not register applications',
    seed: async (scene) => {
      await register(scene)
      await assignRole(scene, '', ownerRole, scene.caller!.principalId)
    },
    args: () => ['--pre', '--identity-kind', 'app'],
  },
]
