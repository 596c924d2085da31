import type { Clients } from '../clients/clients.ts'
import type { Kubernetes } from '../clients/kubernetes.ts'

/** The clients whose calls are listed while they are pending, and whose reads are shared. */
export type ClientName = Exclude<keyof Clients, 'cloud' | 'clock' | 'github' | 'job' | 'inSubscription'>

type Client<Name extends ClientName> = Name extends 'kubernetes' ? Kubernetes : Clients[Name]
type MethodNames<T> = { [K in keyof T]: T[K] extends (...args: never[]) => unknown ? K : never }[keyof T]

/** `read`: its result is shared. `neutral`: not shared, and changes nothing that others read. `write`: what was read is forgotten. */
export type MethodKind = 'read' | 'neutral' | 'write'

/** All methods, so that a new one can't be left out: as a write by mistake, it would make every read be sent again. */
export const methodKinds: { [Name in ClientName]: Record<MethodNames<Client<Name>>, MethodKind> } = {
  aksClusters: {
    get: 'read',
    list: 'read',
    identityBindings: 'read',
    create: 'write',
    enable: 'write',
    remove: 'write',
    kubeconfig: 'neutral',
  },
  azureAccount: {
    subscriptions: 'read',
    locations: 'read',
    caller: 'read',
    cores: 'read',
    kubernetesVersions: 'read',
  },
  dataPlane: {
    send: 'neutral',
    probe: 'neutral',
    logIn: 'neutral',
  },
  directory: {
    canRegisterApplications: 'read',
    application: 'read',
    applicationByClientId: 'read',
    applicationsTrusting: 'read',
    applicationsNamed: 'read',
    deletedApplication: 'read',
    createApplication: 'write',
    restoreApplication: 'write',
    removeApplication: 'write',
    purgeApplication: 'write',
    servicePrincipal: 'read',
    createServicePrincipal: 'write',
    removeServicePrincipal: 'write',
    credentials: 'read',
    keys: 'read',
    owners: 'read',
    groupsOf: 'read',
    permissions: 'read',
    putCredential: 'write',
    removeCredential: 'write',
  },
  entra: {
    exchange: 'neutral',
  },
  groups: {
    get: 'read',
    list: 'read',
    put: 'write',
    resources: 'read',
    remove: 'write',
  },
  helm: {
    release: 'neutral',
    install: 'write',
    show: 'neutral',
    uninstall: 'write',
  },
  identities: {
    get: 'read',
    list: 'read',
    put: 'write',
    remove: 'write',
    credentials: 'read',
    putCredential: 'write',
    removeCredential: 'write',
  },
  issuers: {
    documents: 'read',
    isPublished: 'read',
  },
  kubernetes: {
    server: 'read',
    security: 'read',
    kubeconfig: 'neutral',
    version: 'read',
    get: 'read',
    list: 'read',
    customObjects: 'read',
    contents: 'read',
    apply: 'write',
    dryRun: 'neutral',
    remove: 'write',
    token: 'neutral',
    issuer: 'read',
    keyIds: 'read',
    keys: 'read',
    anyNode: 'read',
    servesGroup: 'read',
    log: 'neutral',
    proxyGet: 'neutral',
    can: 'read',
    ownRights: 'read',
    callerName: 'read',
    canUser: 'read',
  },
  locks: {
    inSubscription: 'read',
  },
  policies: {
    denials: 'read',
  },
  providers: {
    state: 'read',
    register: 'write',
  },
  resources: {
    list: 'read',
    within: 'read',
    storageNameTaken: 'read',
    get: 'read',
    put: 'write',
    remove: 'write',
  },
  roles: {
    assignments: 'read',
    grants: 'read',
    denials: 'read',
    assignmentsInSubscription: 'read',
    assignmentsWithin: 'read',
    definition: 'read',
    assign: 'write',
    unassign: 'write',
    permissions: 'read',
  },
  secrets: {
    get: 'read',
    put: 'write',
    deleted: 'read',
    recover: 'write',
    remove: 'write',
    purge: 'write',
    names: 'read',
  },
  vaults: {
    get: 'read',
    list: 'read',
    deleted: 'read',
    nameTaken: 'read',
    create: 'write',
    recover: 'write',
    addPolicy: 'write',
    removePolicy: 'write',
    contents: 'read',
    remove: 'write',
    purge: 'write',
  },
  websites: {
    read: 'read',
    write: 'write',
  },
}
