import type { SandboxState } from '../../sandbox/index.ts'

/** Returns the name of every resource in a sandbox, without IDs, times and generated suffixes; a duplicate is listed twice. */
export function inventoryOf(state: SandboxState): string[] {
  const { arm, directory, clusters, vaults } = state
  const principals = directory.servicePrincipals
  const apps = Object.values(directory.applications)
  const nameOf = (appId: string) => apps.find((app) => app.appId === appId)?.body.displayName
  const path = (id: string) => id.toLowerCase().replaceAll(state.subscription.id, '…')
  const credentials = (
    owner: string,
    list: readonly { subject: string | null; audiences: string[] }[] = [],
  ) => list.map(({ subject, audiences }) => `credential ${owner} ${subject} ${audiences.join()}`)
  return [
    ...Object.keys(arm.groups).map(path),
    ...Object.keys(arm.providers).map((name) => `provider ${name}`),
    ...Object.values(arm.resources).flatMap(({ body, credentials: own }) => [
      path(body.id),
      ...credentials(body.name, own),
    ]),
    ...Object.values(arm.roleAssignments).map(
      ({ scope, roleDefinitionId, principalId }) =>
        `role ${roleDefinitionId.slice(-36)} on ${path(scope)} for ${nameOf(principals[principalId]!.appId) ?? principals[principalId]!.body.displayName}`,
    ),
    ...Object.values(arm.operations).map(({ kind }) => `operation ${kind}`),
    ...apps.flatMap((app) => [
      `application ${app.body.displayName} ${app.uniqueName} ${app.deletedAt}`,
      ...credentials(String(app.body.displayName), app.credentials),
    ]),
    ...Object.values(principals).map(
      ({ type, appId, body }) => `principal ${type} ${nameOf(appId) ?? body.displayName}`,
    ),
    ...Object.entries(vaults).flatMap(([vault, { secrets }]) =>
      Object.values(secrets).map(({ name, versions }) => `secret ${vault}/${name} ${versions.length}`),
    ),
    ...Object.values(clusters).flatMap(({ objects }) =>
      Object.keys(objects)
        .filter((key) => !/^v1\/(events|pods)\/|\/leases\//.test(key))
        .map((key) => key.replace(/^(.*\/(?:replicasets|endpointslices|nodes)\/.*)-\w+$/, '$1-…'))
        .map((key) => key.replace(/-\d{8}-…$/, '-…')),
    ),
  ].toSorted()
}

/** Returns `all` without the elements of `less`; each of those removes one occurrence. */
export function without(all: readonly string[], less: readonly string[]): string[] {
  const left = [...less]
  return all.filter((each) => !left.includes(each) || left.splice(left.indexOf(each), 1).length === 0)
}
