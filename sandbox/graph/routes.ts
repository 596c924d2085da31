import { createRouter, type Route } from '../router.ts'
import {
  createAppRoleAssignment,
  deleteAppRoleAssignment,
  listAppRoleAssignments,
} from './app-role-assignments.ts'
import {
  countApplications,
  createApplication,
  deleteApplication,
  getApplication,
  listApplications,
  updateApplication,
} from './applications.ts'
import { batch } from './batch.ts'
import {
  deletedApplications,
  deletedServicePrincipals,
  deleteItem,
  getDeletedItem,
  requireItemType,
  restoreItem,
} from './deleted-items.ts'
import { getByIds, getDirectoryObject } from './directory-objects.ts'
import { type GraphError, methodNotAllowed, unknownSegment } from './errors.ts'
import {
  createFederatedCredential,
  deleteFederatedCredential,
  getFederatedCredential,
  listFederatedCredentials,
  updateFederatedCredential,
} from './federated-credentials.ts'
import {
  addMember,
  createGroup,
  deleteGroup,
  getGroup,
  listAllGroupsOfMember,
  listGroups,
  listGroupsOfMember,
  listMembers,
  removeMember,
} from './groups.ts'
import { requireApplication, requireServicePrincipal } from './lookup.ts'
import { addOwner, listOwners, removeOwner } from './owners.ts'
import { addPassword, removePassword } from './passwords.ts'
import { type GraphCall, toRoutePath } from './request.ts'
import {
  countServicePrincipals,
  createServicePrincipal,
  deleteServicePrincipal,
  getServicePrincipal,
  listServicePrincipals,
  updateServicePrincipal,
} from './service-principals.ts'
import { authorizationPolicy, denyWrite, domains, me, organization, users } from './tenant.ts'

type Handler = Route<GraphCall>['handler']
const route = (method: string) => (path: string, handler: Handler) => ({ method, path, handler })
const [get, post, patch, remove] = [route('GET'), route('POST'), route('PATCH'), route('DELETE')]

const ownerRoutes = (path: string, requireOwned: (call: GraphCall) => { owners?: string[] }) => [
  get(`${path}/owners`, (call) => listOwners(call, requireOwned(call))),
  get(`${path}/owners/$ref`, (call) => listOwners(call, requireOwned(call))),
  post(`${path}/owners/$ref`, (call) => addOwner(call, requireOwned(call))),
  remove(`${path}/owners/:owner/$ref`, (call) => removeOwner(call, requireOwned(call))),
]

const emptyCollectionRoutes = (path: string) => [
  get(path, users),
  get(`${path}/:key`, users),
  post(path, denyWrite),
  patch(`${path}/:key`, denyWrite),
  remove(`${path}/:key`, denyWrite),
]

/** Paths are in the form of `toRoutePath`: a key in parentheses is a separate segment. */
const routes: Route<GraphCall>[] = [
  post('/$batch', batch),

  get('/applications', listApplications),
  post('/applications', createApplication),
  get('/applications/$count', countApplications),
  get('/applications/:key', getApplication),
  patch('/applications/:key', updateApplication),
  remove('/applications/:key', deleteApplication),
  post('/applications/:key/addPassword', addPassword),
  post('/applications/:key/microsoft.graph.addPassword', addPassword),
  post('/applications/:key/removePassword', removePassword),
  post('/applications/:key/microsoft.graph.removePassword', removePassword),
  get('/applications/:key/federatedIdentityCredentials', listFederatedCredentials),
  post('/applications/:key/federatedIdentityCredentials', createFederatedCredential),
  get('/applications/:key/federatedIdentityCredentials/:credential', getFederatedCredential),
  patch('/applications/:key/federatedIdentityCredentials/:credential', updateFederatedCredential),
  remove('/applications/:key/federatedIdentityCredentials/:credential', deleteFederatedCredential),
  ...ownerRoutes('/applications/:key', requireApplication),

  get('/servicePrincipals', listServicePrincipals),
  post('/servicePrincipals', createServicePrincipal),
  get('/servicePrincipals/$count', countServicePrincipals),
  get('/servicePrincipals/:key', getServicePrincipal),
  patch('/servicePrincipals/:key', updateServicePrincipal),
  remove('/servicePrincipals/:key', deleteServicePrincipal),
  get('/servicePrincipals/:key/appRoleAssignments', listAppRoleAssignments),
  post('/servicePrincipals/:key/appRoleAssignments', createAppRoleAssignment),
  remove('/servicePrincipals/:key/appRoleAssignments/:assignment', deleteAppRoleAssignment),
  ...ownerRoutes('/servicePrincipals/:key', requireServicePrincipal),
  get('/servicePrincipals/:key/memberOf', listGroupsOfMember),
  get('/servicePrincipals/:key/transitiveMemberOf', listAllGroupsOfMember),

  get('/directory/deletedItems', requireItemType),
  ...['microsoft.graph.', 'graph.'].flatMap((namespace) => [
    get(`/directory/deletedItems/${namespace}application`, deletedApplications.list),
    get(`/directory/deletedItems/${namespace}application/$count`, deletedApplications.count),
    get(`/directory/deletedItems/${namespace}servicePrincipal`, deletedServicePrincipals.list),
    get(`/directory/deletedItems/${namespace}servicePrincipal/$count`, deletedServicePrincipals.count),
  ]),
  get('/directory/deletedItems/:key', getDeletedItem),
  remove('/directory/deletedItems/:key', deleteItem),
  post('/directory/deletedItems/:key/restore', restoreItem),

  post('/directoryObjects/getByIds', getByIds),
  post('/directoryObjects/microsoft.graph.getByIds', getByIds),
  get('/directoryObjects/:key', getDirectoryObject),

  get('/organization', organization),
  get('/organization/:key', organization),
  get('/domains', domains),
  get('/domains/:key', domains),
  get('/policies/authorizationPolicy', authorizationPolicy),
  ...emptyCollectionRoutes('/users'),
  get('/groups', listGroups),
  post('/groups', createGroup),
  get('/groups/:key', getGroup),
  remove('/groups/:key', deleteGroup),
  get('/groups/:key/members', listMembers),
  post('/groups/:key/members/$ref', addMember),
  remove('/groups/:key/members/:member/$ref', removeMember),
  get('/me', me),
  get('/me/:path*', me),
]

const findRoute = createRouter(routes)
const collections = new Set(routes.map(({ path }) => path.split('/')[1]!.toLowerCase()))

/** Returns the error for a path without a route: it names the first segment that does not exist. */
function routeError(segments: string[], allowed: string[]): GraphError {
  if (allowed.length > 0) return methodNotAllowed()
  const [collection = '', ...rest] = segments
  const isKnown = collections.has(collection.replace(/\(.*/, '').toLowerCase())
  return unknownSegment((isKnown && rest.at(-1)) || collection)
}

/** Returns the route of a request. Throws 400 if there is none. */
export function requireRoute({ method, segments }: GraphCall): {
  route: Route<GraphCall>
  params: Record<string, string>
} {
  const match = findRoute(method, toRoutePath(segments))
  if ('route' in match) return match
  throw routeError(segments, match.allowed)
}
