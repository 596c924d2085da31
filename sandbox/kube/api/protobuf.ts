import { badRequest, KubeError } from '../errors.ts'
import type { JsonObject } from '../state.ts'
import { messages } from './protobuf-messages.ts'

const magic = Buffer.from('k8s\0')

const unsupported = (what: string) =>
  new KubeError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - ${what} cannot be read from protobuf here; accepted media types include: application/json, application/yaml`,
    {},
  )

/** Yields the fields of a message: the field number, and its varint or bytes. */
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

function decodeValue(type: string, raw: number | Buffer): unknown {
  if (typeof raw === 'number') return type === 'bool' ? raw !== 0 : raw
  if (type === 'string') return raw.toString('utf8')
  if (type === 'bytes') return raw.toString('base64')
  if (type === 'Time') {
    const { seconds = 0 } = decodeMessage('Time', raw)
    return seconds ? new Date(seconds * 1000).toISOString().replace('.000Z', 'Z') : null
  }
  if (type === 'Quantity') return new Map(fieldsOf(raw)).get(1)?.toString() ?? '0'
  if (type === 'IntOrString') {
    const parts = new Map(fieldsOf(raw))
    return parts.get(1) ? String(parts.get(3) ?? '') : (parts.get(2) ?? 0)
  }
  return decodeMessage(type, raw)
}

function decodeMessage(type: string, bytes: Buffer): JsonObject {
  const message = messages[type]
  if (!message) throw unsupported(type)
  const result: JsonObject = {}
  for (const [number, raw] of fieldsOf(bytes)) {
    const field = message[number]
    if (!field) {
      if (type === 'Nothing') continue
      throw unsupported(`field ${number} of ${type}`)
    }
    const [name, fieldType] = field
    if (name === '') Object.assign(result, decodeValue(fieldType, raw))
    else if (fieldType.startsWith('*'))
      result[name] = [...(result[name] ?? []), decodeValue(fieldType.slice(1), raw)]
    else if (fieldType.startsWith('map:')) {
      const parts = new Map(fieldsOf(raw as Buffer))
      const value = parts.get(2) ?? Buffer.alloc(0)
      result[name] = { ...result[name], [String(parts.get(1) ?? '')]: decodeValue(fieldType.slice(4), value) }
    } else {
      const value = decodeValue(fieldType.replace('?', ''), raw)
      if (value !== null && value !== '' && (value || !fieldType.endsWith('?'))) result[name] = value
    }
  }
  return result
}

/** Converts a body in Kubernetes' protobuf envelope to JSON. Throws 415 for kinds that are not supported. */
export function fromProtobuf(body: Buffer): JsonObject {
  if (!body.subarray(0, 4).equals(magic))
    throw badRequest('provided data does not appear to be a protobuf message')
  const envelope = new Map(fieldsOf(body.subarray(4)))
  const type = new Map(fieldsOf((envelope.get(1) ?? Buffer.alloc(0)) as Buffer))
  const [apiVersion, kind] = [String(type.get(1) ?? ''), String(type.get(2) ?? '')]
  return { apiVersion, kind, ...decodeMessage(kind, (envelope.get(2) ?? Buffer.alloc(0)) as Buffer) }
}
