import { badRequest } from '../errors.ts'
import type { JsonObject, StoredObject } from '../state.ts'

type Test = (labels: Record<string, string>) => boolean

/** Parses a label selector such as `a=b,c!=d,e in (f,g),!h,i`. Throws 400 for a syntax error. */
export function parseLabelSelector(text: string): Test {
  const tests = text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part): Test => {
      const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(part)
      if (set) {
        const values = set[3]!.split(',').map((value) => value.trim())
        const inside = set[2] === 'in'
        return (labels) =>
          inside
            ? set[1]! in labels && values.includes(labels[set[1]!]!)
            : !(set[1]! in labels && values.includes(labels[set[1]!]!))
      }
      const pair = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/.exec(part)
      if (pair) {
        const [, key = '', operator, value] = pair
        return (labels) => (labels[key] === value) === (operator !== '!=')
      }
      const key = /^(!?)\s*([A-Za-z0-9./_-]+)$/.exec(part)
      if (!key) throw badRequest(`unable to parse requirement: found '${part}'`)
      return (labels) => key[2]! in labels === !key[1]
    })
  return (labels) => tests.every((test) => test(labels))
}

/** Evaluates a `LabelSelector`. An empty selector matches everything; `undefined` matches nothing. */
export function matchesSelector(
  selector: JsonObject | undefined,
  labels: Record<string, string> = {},
): boolean {
  if (!selector) return false
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
  return (
    equal &&
    (selector.matchExpressions ?? []).every((each: JsonObject) => {
      const value = labels[each.key]
      if (each.operator === 'Exists') return value !== undefined
      if (each.operator === 'DoesNotExist') return value === undefined
      const listed = value !== undefined && each.values.includes(value)
      return each.operator === 'In' ? listed : !listed
    })
  )
}

/** Parses a field selector such as `metadata.name=x,status.phase!=y`. Throws 400 for a syntax error. */
export function parseFieldSelector(text: string): (object: StoredObject) => boolean {
  const tests = text
    .split(',')
    .filter(Boolean)
    .map((part) => {
      const found = /^([\w.]+?)(==|=|!=)(.*)$/.exec(part)
      if (!found) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`)
      const [, path = '', operator, wanted] = found
      const steps = path.split('.')
      return (object: StoredObject) => {
        const value =
          steps.reduce<unknown>((at, step) => (at as JsonObject | undefined)?.[step], object) ?? ''
        return (String(value) === wanted) === (operator !== '!=')
      }
    })
  return (object) => tests.every((test) => test(object))
}
