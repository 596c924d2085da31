import type { ResourceProvider } from '../provider.ts'
import { denyAssignmentRoutes } from './deny-assignments.ts'
import { lockRoutes } from './locks.ts'
import { policyRoutes } from './policies.ts'
import { roleAssignmentRoutes } from './role-assignments.ts'
import { roleDefinitionRoutes } from './role-definitions.ts'

const versions = ['2022-04-01', '2020-04-01-preview', '2018-07-01', '2015-07-01']

export const authorizationProvider: ResourceProvider = {
  namespace: 'Microsoft.Authorization',
  alwaysRegistered: true,
  types: ['roleAssignments', 'roleDefinitions', 'permissions', 'locks'].map((name) => ({
    name,
    versions,
    global: true,
  })),
  routes: [
    ...roleDefinitionRoutes,
    ...roleAssignmentRoutes,
    ...lockRoutes,
    ...denyAssignmentRoutes,
    ...policyRoutes,
  ],
}
