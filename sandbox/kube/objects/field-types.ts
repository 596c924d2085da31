import { badRequest } from '../errors.ts'
import type { JsonObject } from '../state.ts'
import { isMap } from './patches.ts'
import type { ApiResource } from './resources.ts'

const containers = ['containers', 'initContainers']

/** Fields whose type is checked: the Go struct that holds them, and their type. */
const fieldTypes: Record<string, { struct?: string; type: 'string' | 'int32' | 'bool'; below?: string[] }> = {
  replicas: { type: 'int32' },
  containerPort: { struct: 'ContainerPort', type: 'int32' },
  value: { struct: 'EnvVar', type: 'string', below: ['env'] },
  image: { struct: 'Container', type: 'string', below: containers },
  command: { struct: 'Container', type: 'string', below: containers },
  args: { struct: 'Container', type: 'string', below: containers },
  serviceAccountName: { struct: 'PodSpec', type: 'string' },
  automountServiceAccountToken: { struct: 'PodSpec', type: 'bool' },
}

/** Lists of structs, by field, with their Go types. */
const listTypes: Record<string, string> = {
  containers: 'Container',
  initContainers: 'Container',
  volumes: 'Volume',
  volumeMounts: 'VolumeMount',
  ports: 'Port',
  env: 'EnvVar',
  envFrom: 'EnvFromSource',
  imagePullSecrets: 'LocalObjectReference',
  tolerations: 'Toleration',
  sources: 'VolumeProjection',
  matchExpressions: 'LabelSelectorRequirement',
  ownerReferences: 'OwnerReference',
  subjects: 'Subject',
  rules: 'Rule',
  webhooks: 'Webhook',
  subsets: 'EndpointSubset',
}

/** Fields that hold an object. */
const objectFields = new Set(['spec', 'template', 'securityContext', 'configMap', 'projected'])

const jsonTypes = { string: 'string', int32: 'number', bool: 'boolean' }

const kindOf = (value: unknown) =>
  Array.isArray(value)
    ? 'array'
    : isMap(value)
      ? 'object'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value

const typeError = (resource: ApiResource, value: unknown, field: string, type: string) =>
  badRequest(
    `${resource.kind} in version ${JSON.stringify(resource.version)} cannot be handled as a ${resource.kind}: json: cannot unmarshal ${kindOf(value)} into Go struct field ${field} of type ${type}`,
  )

function checkFields(resource: ApiResource, value: unknown, path: string[]): void {
  if (Array.isArray(value)) for (const item of value) checkFields(resource, item, path)
  if (!isMap(value)) return
  for (const [name, part] of Object.entries(value)) {
    const expected = fieldTypes[name]
    const fieldPath = [...path, name]
    if (part !== null && Object.hasOwn(listTypes, name)) {
      const type = `v1.${listTypes[name]}`
      if (!Array.isArray(part))
        throw typeError(resource, part, `${resource.kind}.${fieldPath.join('.')}`, `[]${type}`)
      for (const each of part)
        if (!isMap(each)) throw typeError(resource, each, `${resource.kind}.${fieldPath.join('.')}`, type)
    }
    if (part !== null && objectFields.has(name) && !isMap(part))
      throw typeError(resource, part, `${resource.kind}.${fieldPath.join('.')}`, `v1.${name}`)
    if (!expected || part === null || expected.below?.includes(path.at(-1)!) === false)
      checkFields(resource, part, fieldPath)
    else
      for (const each of Array.isArray(part) && ['command', 'args'].includes(name) ? part : [part])
        if (typeof each !== jsonTypes[expected.type])
          throw typeError(
            resource,
            each,
            `${expected.struct ?? `${resource.kind}Spec`}.${fieldPath.join('.')}`,
            expected.type,
          )
  }
}

const stringFields = ['name', 'generateName', 'namespace', 'uid', 'resourceVersion']

/** Checks that an object can be decoded as this kind. Throws 400 with the error of Go's decoder. */
export function checkFieldTypes(resource: ApiResource, object: JsonObject): void {
  const { metadata } = object
  for (const field of ['apiVersion', 'kind'])
    if (object[field] != null && typeof object[field] !== 'string')
      throw typeError(resource, object[field], `TypeMeta.${field}`, 'string')
  if (metadata !== undefined && !isMap(metadata))
    throw typeError(resource, metadata, `${resource.kind}.metadata`, 'v1.ObjectMeta')
  for (const field of stringFields)
    if (metadata?.[field] != null && typeof metadata[field] !== 'string')
      throw typeError(resource, metadata[field], `ObjectMeta.metadata.${field}`, 'string')
  for (const field of ['labels', 'annotations']) {
    const values = metadata?.[field]
    if (values === undefined || values === null) continue
    if (!isMap(values)) throw typeError(resource, values, `ObjectMeta.metadata.${field}`, 'map[string]string')
    for (const value of Object.values(values))
      if (typeof value !== 'string')
        throw typeError(resource, value, `ObjectMeta.metadata.${field}`, 'string')
  }
  if (resource.custom) return
  if (resource.kind === 'ConfigMap')
    for (const value of Object.values(object.data ?? {}))
      if (typeof value !== 'string') throw typeError(resource, value, 'ConfigMap.data', 'string')
  const { ownerReferences, finalizers } = metadata ?? {}
  if (
    finalizers != null &&
    !(Array.isArray(finalizers) && finalizers.every((each) => typeof each === 'string'))
  )
    throw typeError(resource, finalizers, 'ObjectMeta.metadata.finalizers', '[]string')
  checkFields(resource, { ownerReferences: ownerReferences ?? null }, ['metadata'])
  const { spec = null, subjects = null, rules = null, webhooks = null, subsets = null } = object
  checkFields(resource, { spec, subjects, rules, webhooks, subsets }, [])
}
