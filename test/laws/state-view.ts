import type { SandboxState } from '../../sandbox/index.ts'

/**
 * What a world holds, told by names: ids, keys, times and secret values are left out, counts stay. Two runs that made
 * the same things give the same view.
 */
export function viewOf(world: SandboxState): Record<string, unknown> {
  const names = new Map<string, string>()
  const told = (text: string) => [...names].reduce((all, [id, name]) => all.replaceAll(id, name), text)
  for (const { id, appId, body } of Object.values(world.directory.applications)) {
    names.set(id, `application:${body.displayName}`)
    names.set(appId, `client:${body.displayName}`)
  }
  for (const { id, appId, body } of Object.values(world.directory.servicePrincipals))
    names.set(id, `principal of ${names.get(appId) ?? body.displayName}`)
  for (const cluster of Object.values(world.clusters)) {
    names.set(cluster.issuer, 'issuer')
    names.set(cluster.fqdn, 'fqdn')
  }
  const resources = Object.values(world.arm.resources)
  for (const { body } of resources)
    for (const key of ['clientId', 'principalId'])
      if (typeof body.properties?.[key] === 'string')
        names.set(body.properties[key] as string, `${key}:${body.name}`)
  names.set(world.subscription.id, 'subscription')
  names.set(world.tenant.id, 'tenant')
  names.set(world.operator.objectId, 'operator')

  const credential = ({
    name,
    issuer,
    subject,
    audiences,
  }: {
    name: string
    issuer: string
    subject: string
    audiences: string[]
  }) => ({
    name: name.replace(/-[0-9a-f]{8}$/, '-#'),
    issuer: told(issuer),
    subject,
    audiences,
  })
  const kept = (object: {
    kind: string
    metadata: { name: string; namespace?: string; [key: string]: unknown }
  }) => ({
    kind: object.kind,
    name: `${object.metadata.namespace ?? ''}/${object.metadata.name}`,
    labels: object.metadata.labels,
    annotations: Object.fromEntries(
      Object.entries((object.metadata.annotations ?? {}) as Record<string, string>)
        .filter(([key]) => key.startsWith('azure.workload') || key === 'wi-setup/manifest')
        .map(([key, value]) => [key, key === 'wi-setup/manifest' ? '#' : told(value)]),
    ),
  })
  const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
  const view = {
    groups: Object.values(world.arm.groups).map(({ body }) => [body.name, body.tags]),
    resources: resources.map(({ body, credentials }) => ({
      type: body.type.toLowerCase(),
      name: told(body.name),
      state: body.properties?.provisioningState,
      tags: body.tags,
      issuer: (body.properties?.oidcIssuerProfile as { enabled?: boolean } | undefined)?.enabled,
      workloadIdentity: (body.properties?.securityProfile as { workloadIdentity?: unknown } | undefined)
        ?.workloadIdentity,
      // In whichever order they were given.
      policies: ((body.properties?.accessPolicies ?? []) as unknown[])
        .map((each) => told(JSON.stringify(each)))
        .sort(),
      credentials: credentials?.map(credential),
    })),
    roleAssignments: Object.values(world.arm.roleAssignments)
      .filter(({ deletedAt }) => deletedAt === undefined)
      .map(({ scope, roleDefinitionId, principalId }) => [
        told(scope),
        roleDefinitionId.split('/').at(-1),
        told(principalId),
      ]),
    providers: Object.keys(world.arm.providers),
    applications: Object.values(world.directory.applications)
      .filter(({ deletedAt }) => deletedAt === undefined)
      .map(({ uniqueName, body, credentials }) => ({
        uniqueName,
        displayName: body.displayName,
        credentials: credentials.map(credential),
      })),
    servicePrincipals: Object.values(world.directory.servicePrincipals)
      .filter(({ deletedAt }) => deletedAt === undefined)
      .map(({ id, type }) => [type, names.get(id)]),
    secrets: Object.entries(world.vaults).map(([vault, { secrets }]) => [vault, Object.keys(secrets)]),
    objects: Object.values(world.clusters).flatMap(({ objects }) =>
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
        .map(kept),
    ),
  }
  return Object.fromEntries(
    Object.entries(view).map(([name, list]) => [name, [...(list as unknown[])].sort(byText)]),
  )
}
