import { closestMatches } from '../base/closest-matches.ts'
import { UsageError } from '../base/usage-error.ts'
import { anyScope } from './any-scope.ts'
import { targets } from './index.ts'
import type { Grant, Target } from './target.ts'

const fault = (text: string, problem: string, ...hints: string[]) =>
  new UsageError(
    [`--grant ${JSON.stringify(text)} ${problem}`, ...hints.map((hint) => `  ${hint}`)].join('\n'),
  )

/** Returns `; did you mean "storage"?`, or nothing. */
const suggestion = (name: string, known: readonly string[]): string => {
  const [match] = closestMatches(name, known)
  return match === undefined ? '' : `; did you mean "${match}"?`
}

/** Returns the grants of the settings. Throws a `UsageError` that names the first wrong one and what is allowed. */
export const parseGrants = (texts: readonly string[] | undefined): Grant[] => (texts ?? []).map(parseGrant)

/** Parses `storage:stshop/invoices=reader`. */
export function parseGrant(text: string): Grant {
  const [, roleName, scope] = /^([^@:]+)@(\/.*)$/.exec(text) ?? []
  if (roleName !== undefined && scope !== undefined) return roleAt(text, roleName.trim(), scope)
  const name = /^([a-z-]+):/.exec(text)?.[1] ?? ''
  const target = targets.find((each) => each.name === name)
  if (!target)
    throw fault(
      text,
      `has an unknown target${suggestion(
        name,
        targets.map((each) => each.name),
      )}`,
      ...targets.map(({ form }) => form),
    )
  const [, path = '', word] = /^[^:]*:([^=]*)(?:=(.*))?$/.exec(text) ?? []
  const role = word === undefined ? target.roles[0] : target.roles.find((each) => each.word === word)
  if (!role) {
    const words = target.roles.map((each) => each.word)
    throw fault(
      text,
      `has an unknown role for ${name}${suggestion(word!, words)}`,
      `roles: ${words.join(', ')}`,
    )
  }
  const { resource, entity } = parsePath(text, path, target)
  return { text: word === undefined ? `${text}=${role.word}` : text, target, resource, entity, role }
}

const scopePattern =
  /^\/(?:subscriptions\/[-\da-f]{36}(?:\/resourceGroups\/[-\w.()]{1,90}(?:\/providers\/[^/]+(?:\/[^/]+\/[^/]+)+)?)?|providers\/Microsoft\.Management\/managementGroups\/[-\w.()]{1,90})$/i

/** `Reader@/subscriptions/…`. */
function roleAt(text: string, name: string, scope: string): Grant {
  if (!scopePattern.test(scope))
    throw fault(
      text,
      'has an invalid scope',
      'the ID of a management group, a subscription, a resource group or a resource',
      `for example ${anyScope.example}`,
    )
  const [role] = anyScope.roles
  return { text, target: anyScope, resource: scope, entity: undefined, role: { ...role, name } }
}

/** Splits `stshop/invoices`, or a resource ID followed by `/invoices`. */
function parsePath(text: string, path: string, target: Target): Pick<Grant, 'resource' | 'entity'> {
  const { names, type, form, example, needsEntity, resourceTitle } = target
  const idPattern = new RegExp(
    `^(/subscriptions/[-\\da-f]{36}/resourceGroups/[-\\w.()]{1,90}/providers/${type.replaceAll('.', '\\.')}/([^/]+))(?:/(.+))?$`,
    'i',
  )
  const [, id, idName, idEntity] = idPattern.exec(path) ?? []
  const [, plainName = '', plainEntity] = /^([^/]*)(?:\/(.*))?$/.exec(path) ?? []
  const isId = path.startsWith('/')
  const [resource, name, entity] = isId
    ? [id ?? '', idName ?? '', idEntity]
    : [plainName, plainName, plainEntity]
  const wrong = (problem: string, ...allowed: string[]) =>
    fault(text, problem, form, ...allowed, `for example ${example}`)
  if (!names.resource.test(name)) throw wrong(`has an invalid ${resourceTitle} name or ID`, names.allowed)
  if (entity === undefined) {
    if (needsEntity) throw wrong(`names nothing in ${name}`)
  } else if (!names.entity)
    throw wrong(`names something in ${name}, but this target covers the complete resource`)
  else if (!names.entity.test(entity)) throw wrong(`has an invalid name after ${name}/`, names.allowed)
  return { resource, entity }
}
