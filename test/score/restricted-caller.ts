import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { stringify } from 'yaml'
import type { InProcessEnvironment } from '../support/in-process.ts'
import { sandboxApis } from './apis.ts'
import type { Fixture } from './fault.ts'

const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7'
export const ownerRole = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'

/** Assigns a role at a scope, relative to the subscription; `''` is the subscription itself. */
export const assignRole = (
  { apis, settings }: Fixture,
  scope: string,
  role: string,
  principalId: string,
  description = '',
) =>
  apis.arm(
    'PUT',
    `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}?api-version=2022-04-01`,
    {
      properties: {
        roleDefinitionId: `/subscriptions/${settings.subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
        principalId,
        principalType: 'ServicePrincipal',
        description,
      },
    },
  )

/** Returns a fixture in which nothing is set up and verify runs as a Reader of the subscription. */
export async function asRestrictedCaller(
  environment: InProcessEnvironment,
  clock: Fixture['clock'],
): Promise<Fixture> {
  const cwd = join(environment.root, 'work')
  mkdirSync(cwd)
  const apis = sandboxApis(environment)
  const { state, simulator } = environment.sandbox
  const settings = {
    subscription: state.subscription.id,
    tenant: state.tenant.id,
    location: 'westeurope',
    resourceGroup: 'rg-score',
    cluster: 'aks-score',
    vault: 'kv-score-new',
    namespace: 'score',
    identityKind: 'managed',
  }
  writeFileSync(join(cwd, 'wi-setup.yaml'), stringify({ cloud: simulator.addresses.arm, ...settings }))
  const { appId } = await apis.graph('POST', '/applications', { displayName: 'restricted-caller' })
  const { id: principalId } = await apis.graph('POST', '/servicePrincipals', { appId })
  const { secretText } = await apis.graph('POST', `/applications(appId='${appId}')/addPassword`, {})
  const fixture = {
    environment,
    apis,
    kube: apis.kube,
    settings,
    outputs: {},
    cwd,
    clock,
  } as unknown as Fixture
  await assignRole(fixture, '', reader, principalId)
  // Has the effect of NODE_EXTRA_CA_CERTS for this process.
  setDefaultCACertificates([
    ...getCACertificates('default'),
    readFileSync(environment.session.caFile, 'utf8'),
  ])
  const env = {
    // The settings file alone is not enough: it could come from a stranger.
    WI_SETUP_CLOUD: simulator.addresses.arm,
    AZURE_TENANT_ID: settings.tenant,
    AZURE_CLIENT_ID: appId,
    AZURE_CLIENT_SECRET: secretText,
  }
  return { ...fixture, caller: { principalId, env } }
}
