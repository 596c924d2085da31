import { isAllowed } from '../arm/authorization/permissions.ts'
import type { Simulator } from '../simulator.ts'
import type { Registry } from './registries.ts'

/** What a token allows: actions on a repository, or on the catalog of a registry. */
export interface Access {
  type: string
  name: string
  actions: string[]
}

/** The ARM action of each action of a scope. A role on the registry covers all repositories. */
const registryActions: Record<string, string> = {
  pull: 'pull/read',
  metadata_read: 'pull/read',
  push: 'push/write',
  metadata_write: 'push/write',
  delete: 'artifacts/delete',
  '*': 'pull/read',
}
/** The data action of each, in a registry with repository permissions. */
const repositoryActions: Record<string, string> = {
  pull: 'repositories/content/read',
  metadata_read: 'repositories/metadata/read',
  push: 'repositories/content/write',
  metadata_write: 'repositories/metadata/write',
  delete: 'repositories/content/delete',
  '*': 'catalog/read',
}

const provider = 'Microsoft.ContainerRegistry/registries'
const nameAttribute = `${provider}/repositories:name`

function allows(
  simulator: Simulator,
  registry: Registry,
  principal: string,
  action: string,
  name?: string,
): boolean {
  const table = registry.abac ? repositoryActions : registryActions
  if (!Object.hasOwn(table, action)) return false
  return isAllowed(
    simulator,
    principal,
    `${provider}/${table[action]}`,
    registry.id,
    registry.abac ? 'data' : 'control',
    name === undefined ? 'any' : { [nameAttribute]: name },
  )
}

/** True if the principal has a role that counts in the registry, be it for one repository. */
export const hasAnyRole = (simulator: Simulator, registry: Registry, principal: string): boolean =>
  ['pull', 'metadata_read', 'push', 'delete', '*'].some((action) =>
    allows(simulator, registry, principal, action),
  )

/** Parses `repository:samples/shop:pull,push`. */
export function parseScope(scope: string): Access | undefined {
  const [, type, name, actions] = /^(repository|registry):([^:]+):([\w*,]+)$/.exec(scope) ?? []
  return type && name && actions ? { type, name, actions: actions.split(',') } : undefined
}

/** Returns the part of the requested access that the principal's roles allow. */
export function grantedAccess(
  simulator: Simulator,
  registry: Registry,
  principal: string,
  scopes: readonly string[],
): Access[] {
  return scopes.flatMap((scope) => {
    const wanted = parseScope(scope)
    if (!wanted) return []
    const actions = wanted.actions.filter((action) =>
      wanted.type === 'registry'
        ? wanted.name === 'catalog' && allows(simulator, registry, principal, '*', '')
        : action !== '*' && allows(simulator, registry, principal, action, wanted.name),
    )
    return actions.length > 0 ? [{ ...wanted, actions }] : []
  })
}
