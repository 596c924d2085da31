import type { SandboxState } from '../../sandbox/index.ts'

/**
 * Returns what a sandbox contains, with names in place of IDs, and without keys, times and secret values. Runs that
 * created the same resources have equal views.
 */
export function stateView(state: SandboxState): Record<string, unknown> {
  const names = new Map<string, string>()
  const withNames = (text: string) => [...names].reduce((all, [id, name]) => all.replaceAll(id, name), text)
  for (const { id, appId, body } of Object.values(state.directory.applications)) {
    names.set(id, `application:${body.displayName}`)
    names.set(appId, `client:${body.displayName}`)
  }
  for (const { id, appId, body } of Object.values(state.directory.servicePrincipals))
    names.set(id, `principal of ${names.get(appId) ?? body.displayName}`)
  for (const cluster of Object.values(state.clusters)) {
    names.set(cluster.issuer, 'issuer')
    names.set(cluster.fqdn, 'fqdn')
  }
  const resources = Object.values(state.arm.resources)
  for (const { body } of resources)
    for (const key of ['clientId', 'principalId'])
      if (typeof body.properties?.[key] === 'string')
        names.set(body.properties[key] as string, `${key}:${body.name}`)
  // Issuers of jobs are at the port of the sandbox.
  const withoutPort = (url: string) => url.replace(/(\.localhost):\d+/, '$1')
  names.set(state.subscription.id, 'subscription')
  for (const [index, { id }] of (state.otherSubscriptions ?? []).entries())
    names.set(id, `subscription ${index + 2}`)
  names.set(state.tenant.id, 'tenant')
  names.set(state.operator.objectId, 'operator')

  const credential = ({
    name,
    issuer,
    subject,
    audiences,
  }: {
    name: string
    issuer: string
    subject: string | null
    audiences: string[]
  }) => ({
    name: name.replace(/-[0-9a-f]{8}$/, '-#'),
    issuer: withoutPort(withNames(issuer)),
    subject,
    audiences,
  })
  const objectView = (object: {
    kind: string
    metadata: { name: string; namespace?: string; [key: string]: unknown }
  }) => ({
    kind: object.kind,
    name: `${object.metadata.namespace ?? ''}/${object.metadata.name}`,
    labels: object.metadata.labels,
    annotations: Object.fromEntries(
      Object.entries((object.metadata.annotations ?? {}) as Record<string, string>)
        .filter(([key]) => key.startsWith('azure.workload') || key === 'wi-setup/manifest')
        .map(([key, value]) => [key, key === 'wi-setup/manifest' ? '#' : withNames(value)]),
    ),
  })
  const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
  const view = {
    groups: Object.values(state.arm.groups).map(({ body }) => [body.name, body.tags]),
    resources: resources.map(({ body, credentials }) => ({
      type: body.type.toLowerCase(),
      name: withNames(body.name),
      state: body.properties?.provisioningState,
      tags: body.tags,
      issuer: (body.properties?.oidcIssuerProfile as { enabled?: boolean } | undefined)?.enabled,
      workloadIdentity: (body.properties?.securityProfile as { workloadIdentity?: unknown } | undefined)
        ?.workloadIdentity,
      // In any order.
      policies: ((body.properties?.accessPolicies ?? []) as unknown[])
        .map((each) => withNames(JSON.stringify(each)))
        .sort(),
      credentials: credentials?.map(credential),
    })),
    roleAssignments: Object.values(state.arm.roleAssignments)
      .filter(({ deletedAt }) => deletedAt === undefined)
      .map(({ scope, roleDefinitionId, principalId }) => [
        withNames(scope),
        roleDefinitionId.split('/').at(-1),
        withNames(principalId),
      ]),
    cosmosRoleAssignments: Object.values(state.arm.proxyResources ?? {})
      .filter(({ body }) => body.type.endsWith('/sqlRoleAssignments'))
      .map(({ body }) => withNames(JSON.stringify(body.properties))),
    providers: Object.keys(state.arm.providers).map(withNames),
    applications: Object.values(state.directory.applications)
      .filter(({ deletedAt }) => deletedAt === undefined)
      .map(({ uniqueName, body, credentials }) => ({
        uniqueName,
        displayName: body.displayName,
        credentials: credentials.map(credential),
      })),
    servicePrincipals: Object.values(state.directory.servicePrincipals)
      .filter(({ deletedAt }) => deletedAt === undefined)
      .map(({ id, type }) => [type, names.get(id)]),
    secrets: Object.entries(state.vaults).map(([vault, { secrets }]) => [vault, Object.keys(secrets)]),
    objects: Object.values(state.clusters).flatMap(({ objects }) =>
      Object.values(objects)
        .filter(
          ({ kind, metadata }) =>
            metadata.labels?.['kubernetes.io/bootstrapping' as never] === undefined &&
            ![
              'Pod',
              'ReplicaSet',
              'Event',
              'Lease',
              'Endpoints',
              'EndpointSlice',
              'Node',
              'ControllerRevision',
            ].includes(kind) &&
            !/^(kube|azure-wi)/.test(metadata.name),
        )
        .map(objectView),
    ),
  }
  return Object.fromEntries(
    Object.entries(view).map(([name, list]) => [name, [...(list as unknown[])].sort(byText)]),
  )
}
