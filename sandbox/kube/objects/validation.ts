import { isDeepStrictEqual } from 'node:util'
import { invalidField, invalidObject, requiredField, type StatusCause } from '../errors.ts'
import type { JsonObject } from '../state.ts'
import { validateSchema } from './custom-schema.ts'
import type { ApiResource } from './resources.ts'
import { matchesSelector } from './selectors.ts'

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`

const nameRules: Record<string, { pattern: string; maxLength: number; why: string }> = {
  label: {
    pattern: label,
    maxLength: 63,
    why: `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`,
  },
  subdomain: {
    pattern: subdomain,
    maxLength: 253,
    why: `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`,
  },
  service: {
    pattern: '[a-z]([-a-z0-9]*[a-z0-9])?',
    maxLength: 63,
    why: "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
  },
  path: { pattern: '(?!\\.{1,2}$)[^/%]+', maxLength: 253, why: "may not contain '/' or '%'" },
}

const nameRule = (resource: ApiResource) =>
  nameRules[
    resource.custom
      ? 'subdomain'
      : resource.kind === 'Namespace'
        ? 'label'
        : resource.kind === 'Service'
          ? 'service'
          : resource.group.startsWith('rbac.')
            ? 'path'
            : 'subdomain'
  ]!

const keyPrefixPattern = '([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?'
const qualifiedName = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$/

function validateKeys(field: string, values: JsonObject | undefined, checkValue: boolean): StatusCause[] {
  return Object.entries(values ?? {}).flatMap(([key, value]) => {
    const [name = '', ...rest] = key.split('/').reverse()
    const ok =
      rest.length <= 1 &&
      name.length <= 63 &&
      qualifiedName.test(name) &&
      new RegExp(`^${keyPrefixPattern}`).test(key)
    return [
      ...(ok
        ? []
        : [
            invalidField(
              field,
              key,
              "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
            ),
          ]),
      ...(checkValue && value !== '' && (value.length > 63 || !qualifiedName.test(value))
        ? [
            invalidField(
              field,
              value,
              "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
            ),
          ]
        : []),
    ]
  })
}

function validateContainers(spec: JsonObject, at: string): StatusCause[] {
  if (!spec.containers?.length) return [requiredField(`${at}.containers`)]
  const volumes = new Set((spec.volumes ?? []).map((each: JsonObject) => each.name))
  return (spec.containers as JsonObject[]).flatMap((each, index) => [
    ...(each.name ? [] : [requiredField(`${at}.containers[${index}].name`)]),
    ...(each.image ? [] : [requiredField(`${at}.containers[${index}].image`)]),
    ...((each.volumeMounts ?? []) as JsonObject[]).flatMap((mount, mountIndex) =>
      volumes.has(mount.name)
        ? []
        : [
            {
              reason: 'FieldValueInvalid' as const,
              message: `Not found: ${JSON.stringify(mount.name)}`,
              field: `${at}.containers[${index}].volumeMounts[${mountIndex}].name`,
            },
          ],
    ),
  ])
}

const maxPods = 1000

/** Checks a number of pods. The sandbox limits it. */
const validatePodCount = (field: string, value: unknown): StatusCause[] => {
  if (value === undefined) return []
  if (!Number.isInteger(value) || (value as number) < 0)
    return [invalidField(field, value, 'must be greater than or equal to 0')]
  return (value as number) > maxPods
    ? [invalidField(field, value, `the sandbox runs at most ${maxPods} pods per workload`)]
    : []
}

const validateWorkload = (object: JsonObject): StatusCause[] => {
  const { selector, template } = object.spec ?? {}
  if (!selector) return [requiredField('spec.selector')]
  return [
    ...validatePodCount('spec.replicas', object.spec.replicas),
    ...(matchesSelector(selector, template?.metadata?.labels)
      ? []
      : [
          invalidField(
            'spec.template.metadata.labels',
            template?.metadata?.labels ?? null,
            '`selector` does not match template `labels`',
          ),
        ]),
    ...validateContainers(template?.spec ?? {}, 'spec.template.spec'),
  ]
}

const unsupportedValue = (field: string, value: unknown, supported: string[]): StatusCause => ({
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported.map((each) => JSON.stringify(each)).join(', ')}`,
  field,
})

const subjectKinds = ['ServiceAccount', 'User', 'Group']

/** Checks the role and subjects of a binding: authorization expects them to be valid. */
const validateBinding =
  (...roles: string[]) =>
  (object: JsonObject): StatusCause[] => [
    ...(object.roleRef?.name ? [] : [requiredField('roleRef.name')]),
    ...(roles.includes(object.roleRef?.kind)
      ? []
      : [unsupportedValue('roleRef.kind', object.roleRef?.kind ?? '', roles)]),
    ...((object.subjects ?? []) as JsonObject[]).flatMap((each, index) => [
      ...(typeof each.name === 'string' && each.name ? [] : [requiredField(`subjects[${index}].name`)]),
      ...(subjectKinds.includes(each.kind)
        ? []
        : [unsupportedValue(`subjects[${index}].kind`, each.kind ?? '', subjectKinds)]),
      ...(each.kind === 'ServiceAccount' && !each.namespace
        ? [requiredField(`subjects[${index}].namespace`)]
        : []),
    ]),
  ]

const validatorsByKind: Record<string, (object: JsonObject) => StatusCause[]> = {
  Pod: (object) => validateContainers(object.spec ?? {}, 'spec'),
  Deployment: validateWorkload,
  ReplicaSet: validateWorkload,
  StatefulSet: validateWorkload,
  DaemonSet: validateWorkload,
  CronJob: (object) => [
    ...(object.spec?.schedule ? [] : [requiredField('spec.schedule')]),
    ...validateContainers(
      object.spec?.jobTemplate?.spec?.template?.spec ?? {},
      'spec.jobTemplate.spec.template.spec',
    ),
  ],
  Job: (object) => [
    ...validatePodCount('spec.parallelism', object.spec?.parallelism),
    ...validateContainers(object.spec?.template?.spec ?? {}, 'spec.template.spec'),
  ],
  Service: (object) =>
    object.spec?.ports?.length || object.spec?.clusterIP === 'None' || object.spec?.type === 'ExternalName'
      ? []
      : [requiredField('spec.ports')],
  RoleBinding: validateBinding('Role', 'ClusterRole'),
  ClusterRoleBinding: validateBinding('ClusterRole'),
}

/** Validates an object. Throws 422 with all causes. */
export function validate(resource: ApiResource, object: JsonObject): void {
  const { name = '', labels, annotations } = object.metadata
  const { custom } = resource
  const { pattern, maxLength, why } = nameRule(resource)
  const causes = [
    ...(new RegExp(`^(${pattern})$`).test(name) ? [] : [invalidField('metadata.name', name, why)]),
    ...(name.length > maxLength
      ? [invalidField('metadata.name', name, `must be no more than ${maxLength} characters`)]
      : []),
    ...validateKeys('metadata.labels', labels, true),
    ...validateKeys('metadata.annotations', annotations, false),
    ...(custom ? validateSchema(object, custom.schema) : (validatorsByKind[resource.kind]?.(object) ?? [])),
  ]
  if (causes.length) throw invalidObject(resource, name, causes)
}

const immutableFields: Record<string, string[]> = {
  Deployment: ['spec.selector'],
  ReplicaSet: ['spec.selector'],
  StatefulSet: ['spec.selector', 'spec.serviceName'],
  DaemonSet: ['spec.selector'],
  Job: ['spec.selector', 'spec.template', 'spec.completions'],
  Secret: ['type'],
  RoleBinding: ['roleRef'],
  ClusterRoleBinding: ['roleRef'],
  Service: ['spec.clusterIP'],
}

const at = (object: JsonObject, path: string) =>
  path.split('.').reduce<unknown>((value, step) => (value as JsonObject | undefined)?.[step], object)

/** Throws 422 if an update changes an immutable field. */
export function checkImmutable(resource: ApiResource, before: JsonObject, after: JsonObject): void {
  if (resource.custom) return
  const name = before.metadata.name
  if (before.immutable === true && !isDeepStrictEqual(before.data, after.data))
    throw invalidObject(resource, name, [
      {
        reason: 'FieldValueForbidden',
        message: 'Forbidden: field is immutable when `immutable` is set',
        field: 'data',
      },
    ])
  const causes = (immutableFields[resource.kind] ?? [])
    .filter((path) => !isDeepStrictEqual(at(before, path), at(after, path)))
    .map((path) =>
      path === 'roleRef'
        ? invalidField(path, at(after, path), 'cannot change roleRef')
        : invalidField(path, at(after, path), 'field is immutable'),
    )
  if (resource.kind === 'Pod') {
    const frozen = (pod: JsonObject) => ({
      ...pod.spec,
      containers: pod.spec.containers.map((each: JsonObject) => ({ ...each, image: '' })),
      initContainers: pod.spec.initContainers?.map((each: JsonObject) => ({ ...each, image: '' })),
      tolerations: undefined,
      activeDeadlineSeconds: undefined,
      terminationGracePeriodSeconds: undefined,
    })
    if (!isDeepStrictEqual(frozen(before), frozen(after)))
      causes.push({
        reason: 'FieldValueForbidden',
        message:
          'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
        field: 'spec',
      })
  }
  if (causes.length) throw invalidObject(resource, name, causes)
}
