import { unsupportedQuery } from './errors.ts'
import type { Filter } from './filter.ts'

/** Operators by property in basic queries; '' means advanced queries only. Other properties cannot be filtered by. */
export type FilterableProperties = Record<string, string>

const text = 'eq in startswith'

export const applicationFilters: FilterableProperties = {
  id: 'eq in',
  appId: 'eq in',
  displayName: `${text} ge le`,
  uniqueName: text,
  identifierUris: text,
  tags: text,
  createdDateTime: 'eq ge le',
  deletedDateTime: 'eq ge le',
  signInAudience: 'eq in',
  publisherDomain: '',
  description: '',
  notes: '',
  'federatedIdentityCredentials/name': '',
  'federatedIdentityCredentials/issuer': '',
  'federatedIdentityCredentials/subject': '',
}

export const servicePrincipalFilters: FilterableProperties = {
  id: 'eq in',
  appId: 'eq in',
  accountEnabled: 'eq in',
  displayName: `${text} ge le`,
  servicePrincipalNames: text,
  servicePrincipalType: 'eq in',
  alternativeNames: text,
  tags: text,
  createdDateTime: 'eq ge le',
  deletedDateTime: 'eq ge le',
  appOwnerOrganizationId: 'eq in',
  homepage: '',
  notes: '',
}

export const userFilters: FilterableProperties = {
  id: 'eq in',
  accountEnabled: 'eq in',
  displayName: text,
  givenName: text,
  mail: text,
  otherMails: 'eq in startswith',
  surname: text,
  userPrincipalName: text,
  userType: 'eq in',
}

export const groupFilters: FilterableProperties = {
  id: 'eq in',
  displayName: text,
  mail: text,
  mailNickname: text,
  securityEnabled: 'eq',
}

export const credentialFilters: FilterableProperties = { id: 'eq', name: 'eq', issuer: 'eq', subject: 'eq' }

const advancedOnly: Record<string, string> = { ne: 'Ne', endswith: 'endsWith' }

const advancedQueryRequired = (operator: string) =>
  unsupportedQuery(
    `Operator '${operator}' is not supported because the required parameters might be missing. Try adding $count=true query parameter and ConsistencyLevel:eventual header. Refer to https://aka.ms/graph-docs/advanced-queries for more information`,
  )

/** Checks that the directory supports the filter in a basic or advanced query. Throws 400. */
export function requireFilterable(
  filter: Filter,
  rules: FilterableProperties,
  resource: string,
  isAdvanced: boolean,
  collection = '',
): void {
  const check = (each: Filter) => requireFilterable(each, rules, resource, isAdvanced, collection)
  if (filter.kind === 'and' || filter.kind === 'or') {
    check(filter.left)
    check(filter.right)
    return
  }
  if (filter.kind === 'not') {
    if (!isAdvanced) throw advancedQueryRequired('Not')
    check(filter.operand)
    return
  }
  if (filter.kind === 'any') {
    if (filter.condition) requireFilterable(filter.condition, rules, resource, isAdvanced, filter.path)
    return
  }
  const property = [collection, filter.path].filter(Boolean).join('/')
  const basicOperators = rules[property]
  const unsupported = unsupportedQuery(
    `Unsupported or invalid query filter clause specified for property '${property}' of resource '${resource}'.`,
  )
  if (basicOperators === undefined || filter.operator === 'contains') throw unsupported
  if (isAdvanced || basicOperators.split(' ').includes(filter.operator)) return
  const operator = advancedOnly[filter.operator]
  throw operator ? advancedQueryRequired(operator) : unsupported
}
