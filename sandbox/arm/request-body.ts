import type { Call } from '../http.ts'
import { invalidContent } from './errors.ts'

/** The expected shape of a value: a type, a list, an object with these members, or a map (`*`). */
export type Shape = 'string' | 'number' | 'boolean' | 'object' | Shape[] | { [name: string]: Shape }

const typeNames = {
  string: 'System.String',
  number: 'System.Int32',
  boolean: 'System.Boolean',
  object: 'object',
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function check(value: unknown, shape: Shape, path: string): void {
  if (value === undefined || value === null) return
  const wrong = (type: string) =>
    invalidContent(
      `The request content was invalid and could not be deserialized: 'Error converting value ${JSON.stringify(value).slice(0, 100)} to type '${type}'. Path '${path}'.'.`,
    )
  if (typeof shape === 'string') {
    if (shape === 'object' ? !isObject(value) : typeof value !== shape) throw wrong(typeNames[shape])
  } else if (Array.isArray(shape)) {
    if (!Array.isArray(value) || value.includes(null)) throw wrong('list')
    for (const [index, item] of value.entries()) check(item, shape[0]!, `${path}[${index}]`)
  } else {
    if (!isObject(value)) throw wrong('object')
    for (const [name, member] of Object.entries(value)) {
      const expected = shape[name] ?? shape['*']
      if (expected) check(member, expected, path ? `${path}.${name}` : name)
    }
  }
}

/** Returns the JSON body. Throws 400 if a known member has the wrong type; other members are allowed. */
export function parseBody<T>(call: Call, shape: Shape): T {
  const body = call.json<unknown>()
  if (!isObject(body))
    throw invalidContent(
      'The request content was invalid and could not be deserialized: it is no JSON object.',
    )
  check(body, shape, '')
  return body as T
}

/** Members that every resource has. */
export const commonMembers = {
  location: 'string',
  tags: { '*': 'string' },
  kind: 'string',
  managedBy: 'string',
} as const satisfies Shape
