const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0

/**
 * Returns whether a role assignment's condition leaves the action alone. A condition restricts the actions that it
 * names, in `!(ActionMatches{'…'}) OR …`, and no others. The simulator has none of the attributes that the expressions
 * compare, so an action that is named is not allowed.
 */
export function permitsAction(
  condition: unknown,
  action: string,
  matches: (pattern: string, action: string) => boolean,
): boolean {
  if (typeof condition !== 'string' || condition.trim() === '') return true
  const named = [...condition.matchAll(/ActionMatches\s*\{\s*'([^']*)'\s*\}/gi)].map(([, name]) => name!)
  const negated = count(condition, /!\s*\(?\s*ActionMatches\s*\{/gi)
  if (named.length === 0 || negated !== named.length) return false
  return !named.some((name) => matches(name, action))
}
