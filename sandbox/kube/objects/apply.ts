import { badRequest, conflict, notFound } from '../errors.ts'
import type { JsonObject, StoredObject } from '../state.ts'
import { createObject } from './create.ts'
import { withObjectDefaults } from './defaults.ts'
import { mergeApply } from './server-side-apply.ts'
import { getObject } from './store.ts'
import { updateObject } from './update.ts'
import type { WriteContext } from './write-context.ts'

/** Applies a configuration (server-side apply). Throws 409 for fields of other managers unless `force` is set. */
export function applyObject(
  context: WriteContext,
  name: string,
  body: JsonObject,
  force: boolean,
): { object: StoredObject; created: boolean } {
  const { cluster, resource, namespace, writer } = context
  if (!body.apiVersion || !body.kind)
    throw badRequest(
      `error decoding YAML: Object '${body.kind ? 'apiVersion' : 'Kind'}' is missing in '${JSON.stringify(body)}'`,
    )
  if (body.metadata?.managedFields?.length) throw badRequest('metadata.managedFields must be nil')
  const live = getObject(cluster, resource, resource.namespaced ? namespace : '', name)
  if (!live && writer.subresource) throw notFound(resource, name)
  const { resourceVersion, ...metadata }: JsonObject = { ...body.metadata, name }
  if (live && resourceVersion && resourceVersion !== live.metadata.resourceVersion)
    throw conflict(resource, name)
  if (!live && resourceVersion) throw notFound(resource, name)
  if (metadata.uid && metadata.uid !== live?.metadata.uid)
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${live?.metadata.uid ?? ''}`,
    )
  const { object, managedFields } = mergeApply(
    resource,
    live,
    { ...body, metadata },
    writer,
    force,
    (applied) => (resource.custom ? applied : withObjectDefaults(applied)),
  )
  return live
    ? { object: updateObject(context, live, object, managedFields), created: false }
    : { object: createObject(context, object, managedFields), created: true }
}
