import type { Fixture, SeededFault } from '../fault.ts'
import { assignRole, ownerRole } from '../restricted-caller.ts'

const group = ({ settings }: Fixture) => `/resourceGroups/${settings.resourceGroup}`

const register = ({ apis }: Fixture) =>
  Promise.all(
    ['Microsoft.KeyVault', 'Microsoft.ContainerService', 'Microsoft.ManagedIdentity'].map((name) =>
      apis.arm('POST', `/providers/${name}/register`),
    ),
  )

const pre = { fixture: 'restricted', discardFixture: true, api: 'Resource Manager' } as const

/** Missing permissions: verify runs as the restricted caller, the remedies as the owner. */
export const permissionFaults: SeededFault[] = [
  {
    ...pre,
    code: 'WI803',
    description: 'the caller only owns the group, and a provider is not registered',
    seed: async (fixture) => {
      await fixture.apis.arm('PUT', group(fixture), { location: 'westeurope' })
      await assignRole(fixture, group(fixture), ownerRole, fixture.caller!.principalId)
    },
    args: () => ['--pre'],
  },
  {
    ...pre,
    code: 'WI804',
    description: 'the caller can only read the subscription',
    seed: register,
    args: () => ['--pre'],
  },
  {
    ...pre,
    code: 'WI410',
    description: 'the caller owns the subscription but cannot register applications',
    seed: async (fixture) => {
      await register(fixture)
      await assignRole(fixture, '', ownerRole, fixture.caller!.principalId)
    },
    args: () => ['--pre', '--identity-kind', 'app'],
  },
]
