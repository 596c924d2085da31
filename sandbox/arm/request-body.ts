import type { Call } from '../http.ts'
import { invalidContent } from './errors.ts'

/** What a member may be: a kind of value, a list of something, an object with these members, a map (`*`). */
export type Shape = 'string' | 'number' | 'boolean' | 'object' | Shape[] | { [name: string]: Shape }

const words = { string: 'System.String', number: 'System.Int32', boolean: 'System.Boolean', object: 'object' }

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function check(value: unknown, shape: Shape, path: string): void {
  if (value === undefined || value === null) return
  const wrong = (word: string) =>
    invalidContent(
      `The request content was invalid and could not be deserialized: 'Error converting value ${JSON.stringify(value).slice(0, 100)} to type '${word}'. Path '${path}'.'.`,
    )
  if (typeof shape === 'string') {
    if (shape === 'object' ? !isObject(value) : typeof value !== shape) throw wrong(words[shape])
  } else if (Array.isArray(shape)) {
    if (!Array.isArray(value) || value.includes(null)) throw wrong('list')
    for (const [index, item] of value.entries()) check(item, shape[0]!, `${path}[${index}]`)
  } else {
    if (!isObject(value)) throw wrong('object')
    for (const [name, member] of Object.entries(value)) {
      const wanted = shape[name] ?? shape['*']
      if (wanted) check(member, wanted, path ? `${path}.${name}` : name)
    }
  }
}

/** The body as JSON; throws 400 where a member is of another kind than the service expects. Others may be there. */
export function parseBody<T>(call: Call, shape: Shape): T {
  const body = call.json<unknown>()
  if (!isObject(body))
    throw invalidContent(
      'The request content was invalid and could not be deserialized: it is no JSON object.',
    )
  check(body, shape, '')
  return body as T
}

/** Members that every resource may have. */
export const commonMembers = {
  location: 'string',
  tags: { '*': 'string' },
  kind: 'string',
  managedBy: 'string',
} as const satisfies Shape
