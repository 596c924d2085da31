import type { Open } from './state.ts'
import { badRequest, KubeError } from './status.ts'

/** A field by its number: name, and what it holds. `*` before the type: repeated; `map:`: by string key. */
type Message = Record<number, [name: string, type: string]>

const metadata: [string, string] = ['metadata', 'ObjectMeta']
const role: Message = { 1: metadata, 2: ['rules', '*PolicyRule'] }
const binding: Message = { 1: metadata, 2: ['subjects', '*Subject'], 3: ['roleRef', 'RoleRef'] }
const text = (...names: string[]): Message =>
  Object.fromEntries(names.map((name, index) => [index + 1, [name, 'string']]))

/** The messages that kubectl sends for its own typed commands (k8s.io/api, generated.proto). */
const messages: Record<string, Message> = {
  ObjectMeta: {
    ...text('name', 'generateName', 'namespace', 'selfLink', 'uid', 'resourceVersion'),
    7: ['generation', 'int'],
    8: ['creationTimestamp', 'Time'],
    9: ['deletionTimestamp', 'Time'],
    10: ['deletionGracePeriodSeconds', 'int'],
    11: ['labels', 'map:string'],
    12: ['annotations', 'map:string'],
    13: ['ownerReferences', '*OwnerReference'],
    14: ['finalizers', '*string'],
  },
  OwnerReference: {
    1: ['kind', 'string'],
    3: ['name', 'string'],
    4: ['uid', 'string'],
    5: ['apiVersion', 'string'],
    6: ['controller', 'bool'],
    7: ['blockOwnerDeletion', 'bool'],
  },
  Time: { 1: ['seconds', 'int'], 2: ['nanos', 'int'] },
  ObjectReference: text('kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'),
  LocalObjectReference: text('name'),
  LabelSelector: { 1: ['matchLabels', 'map:string'], 2: ['matchExpressions', '*Requirement'] },
  Requirement: { ...text('key', 'operator'), 3: ['values', '*string'] },
  DeleteOptions: {
    1: ['gracePeriodSeconds', 'int'],
    2: ['preconditions', 'Preconditions'],
    3: ['orphanDependents', 'bool'],
    4: ['propagationPolicy', 'string'],
    5: ['dryRun', '*string'],
  },
  Preconditions: text('uid', 'resourceVersion'),
  Namespace: { 1: metadata, 2: ['spec', 'NamespaceSpec'], 3: ['status', 'NamespaceStatus'] },
  NamespaceSpec: { 1: ['finalizers', '*string'] },
  NamespaceStatus: { 1: ['phase', 'string'] },
  ServiceAccount: {
    1: metadata,
    2: ['secrets', '*ObjectReference'],
    3: ['imagePullSecrets', '*LocalObjectReference'],
    4: ['automountServiceAccountToken', 'bool'],
  },
  ConfigMap: {
    1: metadata,
    2: ['data', 'map:string'],
    3: ['binaryData', 'map:bytes'],
    4: ['immutable', 'bool'],
  },
  Secret: {
    1: metadata,
    2: ['data', 'map:bytes'],
    3: ['type', 'string'],
    4: ['stringData', 'map:string'],
    5: ['immutable', 'bool'],
  },
  TokenRequest: { 1: metadata, 2: ['spec', 'TokenRequestSpec'], 3: ['status', 'TokenRequestStatus'] },
  TokenRequestSpec: {
    1: ['audiences', '*string'],
    3: ['boundObjectRef', 'BoundObjectReference'],
    4: ['expirationSeconds', 'int'],
  },
  TokenRequestStatus: { 1: ['token', 'string'], 2: ['expirationTimestamp', 'Time'] },
  BoundObjectReference: text('kind', 'apiVersion', 'name', 'uid'),
  SelfSubjectAccessReview: {
    1: metadata,
    2: ['spec', 'AccessReviewSpec'],
    3: ['status', 'AccessReviewStatus'],
  },
  AccessReviewSpec: {
    1: ['resourceAttributes', 'ResourceAttributes'],
    2: ['nonResourceAttributes', 'NonResourceAttributes'],
  },
  AccessReviewStatus: {
    1: ['allowed', 'bool'],
    2: ['reason', 'string'],
    3: ['evaluationError', 'string'],
    4: ['denied', 'bool'],
  },
  ResourceAttributes: text('namespace', 'verb', 'group', 'version', 'resource', 'subresource', 'name'),
  NonResourceAttributes: text('path', 'verb'),
  SelfSubjectRulesReview: { 1: metadata, 2: ['spec', 'RulesReviewSpec'], 3: ['status', 'RulesReviewStatus'] },
  RulesReviewSpec: text('namespace'),
  RulesReviewStatus: { 3: ['incomplete', 'bool'], 4: ['evaluationError', 'string'] },
  SelfSubjectReview: { 1: metadata, 2: ['status', 'SelfSubjectReviewStatus'] },
  SelfSubjectReviewStatus: { 1: ['userInfo', 'UserInfo'] },
  UserInfo: text('username', 'uid'),
  PolicyRule: Object.fromEntries(
    ['verbs', 'apiGroups', 'resources', 'resourceNames', 'nonResourceURLs'].map((name, index) => [
      index + 1,
      [name, '*string'],
    ]),
  ),
  Subject: text('kind', 'apiGroup', 'name', 'namespace'),
  RoleRef: text('apiGroup', 'kind', 'name'),
  Role: role,
  ClusterRole: role,
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  Deployment: { 1: metadata, 2: ['spec', 'DeploymentSpec'], 3: ['status', 'Nothing'] },
  Nothing: {},
  DeploymentSpec: {
    1: ['replicas', 'int'],
    2: ['selector', 'LabelSelector'],
    3: ['template', 'PodTemplateSpec'],
    4: ['strategy', 'Nothing'],
    5: ['minReadySeconds', 'int'],
    6: ['revisionHistoryLimit', 'int'],
    7: ['paused', 'bool'],
    9: ['progressDeadlineSeconds', 'int'],
  },
  PodTemplateSpec: { 1: metadata, 2: ['spec', 'PodSpec'] },
  PodSpec: {
    2: ['containers', '*Container'],
    3: ['restartPolicy', 'string'],
    4: ['terminationGracePeriodSeconds', 'int'],
    6: ['dnsPolicy', 'string'],
    7: ['nodeSelector', 'map:string'],
    8: ['serviceAccountName', 'string'],
    9: ['serviceAccount', 'string'],
    10: ['nodeName', 'string'],
    11: ['hostNetwork', 'bool'],
    12: ['hostPID', 'bool'],
    13: ['hostIPC', 'bool'],
    16: ['hostname', 'string'],
    17: ['subdomain', 'string'],
    19: ['schedulerName', 'string'],
    24: ['priorityClassName', 'string'],
  },
  Container: {
    ...text('name', 'image'),
    3: ['command', '*string'],
    4: ['args', '*string'],
    5: ['workingDir', 'string'],
    6: ['ports', '*ContainerPort'],
    7: ['env', '*EnvVar'],
    8: ['resources', 'Nothing'],
    13: ['terminationMessagePath', 'string'],
    14: ['imagePullPolicy', 'string'],
    16: ['stdin', 'bool'],
    17: ['stdinOnce', 'bool'],
    18: ['tty', 'bool'],
    20: ['terminationMessagePolicy', 'string'],
  },
  ContainerPort: {
    1: ['name', 'string'],
    2: ['hostPort', 'int'],
    3: ['containerPort', 'int'],
    4: ['protocol', 'string'],
    5: ['hostIP', 'string'],
  },
  EnvVar: text('name', 'value'),
}

const magic = Buffer.from('k8s\0')

const unreadable = (what: string) =>
  new KubeError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - ${what} cannot be read from protobuf here; accepted media types include: application/json, application/yaml`,
    {},
  )

/** Walks a message's fields: number, and a number or the bytes of it. */
function* fieldsOf(bytes: Buffer): Generator<[number, number | Buffer]> {
  let at = 0
  const varint = () => {
    let [value, shift] = [0n, 0n]
    for (;;) {
      const byte = bytes[at++]
      if (byte === undefined) throw badRequest('unexpected EOF')
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return Number(BigInt.asIntN(64, value))
      shift += 7n
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    const wire = tag & 7
    if (wire === 0) yield [tag >> 3, varint()]
    else if (wire === 2) {
      const length = varint()
      yield [tag >> 3, bytes.subarray(at, at + length)]
      at += length
    } else throw badRequest(`proto: illegal wireType ${wire}`)
  }
}

function read(type: string, raw: number | Buffer): unknown {
  if (typeof raw === 'number') return type === 'bool' ? raw !== 0 : raw
  if (type === 'string') return raw.toString('utf8')
  if (type === 'bytes') return raw.toString('base64')
  if (type === 'Time') {
    const { seconds = 0 } = decode('Time', raw)
    return seconds ? new Date(seconds * 1000).toISOString().replace('.000Z', 'Z') : null
  }
  return decode(type, raw)
}

function decode(type: string, bytes: Buffer): Open {
  const message = messages[type]
  if (!message) throw unreadable(type)
  const result: Open = {}
  for (const [number, raw] of fieldsOf(bytes)) {
    const field = message[number]
    if (!field) {
      if (type === 'Nothing') continue
      throw unreadable(`field ${number} of ${type}`)
    }
    const [name, holds] = field
    if (holds.startsWith('*')) result[name] = [...(result[name] ?? []), read(holds.slice(1), raw)]
    else if (holds.startsWith('map:')) {
      const parts = new Map(fieldsOf(raw as Buffer))
      const value = parts.get(2) ?? Buffer.alloc(0)
      result[name] = { ...result[name], [String(parts.get(1) ?? '')]: read(holds.slice(4), value) }
    } else {
      const value = read(holds, raw)
      if (value !== null && value !== '') result[name] = value
    }
  }
  return result
}

/** A request body in Kubernetes' protobuf envelope as the JSON that it stands for. Throws 415 for other kinds. */
export function fromProtobuf(body: Buffer): Open {
  if (!body.subarray(0, 4).equals(magic))
    throw badRequest('provided data does not appear to be a protobuf message')
  const envelope = new Map(fieldsOf(body.subarray(4)))
  const type = new Map(fieldsOf((envelope.get(1) ?? Buffer.alloc(0)) as Buffer))
  const [apiVersion, kind] = [String(type.get(1) ?? ''), String(type.get(2) ?? '')]
  return { apiVersion, kind, ...decode(kind, (envelope.get(2) ?? Buffer.alloc(0)) as Buffer) }
}
