import type { Simulator } from '../../simulator.ts'
import { ArmError } from '../errors.ts'
import type { Shape } from '../request-body.ts'

export interface Policy {
  tenantId: string
  objectId: string
  applicationId?: string
  permissions: Record<string, string[]>
}

export interface VaultProperties extends Record<string, unknown> {
  sku?: { family?: string; name?: string }
  tenantId?: string
  accessPolicies?: Policy[] | null
  createMode?: string
  softDeleteRetentionInDays?: number
  enablePurgeProtection?: boolean | null
  enableRbacAuthorization?: boolean | null
  vaultUri?: string
}

export const vaultShape: Shape = {
  sku: { family: 'string', name: 'string' },
  tenantId: 'string',
  accessPolicies: [
    { tenantId: 'string', objectId: 'string', applicationId: 'string', permissions: { '*': ['string'] } },
  ],
  networkAcls: {
    bypass: 'string',
    defaultAction: 'string',
    ipRules: [{ value: 'string' }],
    virtualNetworkRules: [{ id: 'string' }],
  },
  createMode: 'string',
  publicNetworkAccess: 'string',
  softDeleteRetentionInDays: 'number',
  enablePurgeProtection: 'boolean',
  enableRbacAuthorization: 'boolean',
  enableSoftDelete: 'boolean',
  enabledForDeployment: 'boolean',
  enabledForDiskEncryption: 'boolean',
  enabledForTemplateDeployment: 'boolean',
}

export const badRequest = (message: string) => new ArmError(400, 'BadRequest', message)

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const verbs = 'all,get,list,set,delete,backup,restore,recover,purge'.split(',')

/** Throws for a policy that Key Vault would not take. */
export function checkPolicies(policies: unknown): void {
  if (!Array.isArray(policies))
    throw badRequest('The parameter accessPolicies is not specified or is invalid.')
  if (policies.length > 1024)
    throw badRequest('The number of access policies exceeds the maximum of 1024 per vault.')
  for (const policy of policies as Partial<Policy>[]) {
    if (!guid.test(String(policy.objectId)))
      throw badRequest('An invalid value was provided for accessPolicies: objectId must be a GUID.')
    if (!guid.test(String(policy.tenantId)))
      throw badRequest('An invalid value was provided for accessPolicies: tenantId must be a GUID.')
    if (!policy.permissions || typeof policy.permissions !== 'object')
      throw badRequest('An invalid value was provided for accessPolicies: permissions is missing.')
    for (const verb of policy.permissions.secrets ?? [])
      if (!verbs.includes(String(verb).toLowerCase()))
        throw badRequest(
          `An invalid value was provided for accessPolicies: '${verb}' is no secret permission.`,
        )
  }
}

const retention = (sent: VaultProperties, has?: VaultProperties): number | undefined => {
  const days = sent.softDeleteRetentionInDays
  if (has) {
    if (days !== undefined && days !== (has.softDeleteRetentionInDays ?? 90))
      throw badRequest(
        'The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.',
      )
    return has.softDeleteRetentionInDays
  }
  if (days === undefined) return 90
  if (!Number.isInteger(days) || days < 7 || days > 90)
    throw badRequest(
      'The property "softDeleteRetentionInDays" has an invalid value. The value must be between 7 and 90.',
    )
  return days
}

function checkParts(simulator: Simulator, sent: VaultProperties, has: VaultProperties | undefined): void {
  const { sku, tenantId } = sent
  if (sku?.family?.toUpperCase() !== 'A' || !/^(standard|premium)$/i.test(sku.name ?? ''))
    throw badRequest('The parameter sku is not specified or is invalid.')
  if (tenantId?.toLowerCase() !== simulator.state.tenant.id)
    throw badRequest('An invalid value was provided for tenantId: it must be the tenant of the subscription.')
  if (sent.enablePurgeProtection === false)
    throw badRequest(
      'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.',
    )
  if (sent.enableSoftDelete === false && has)
    throw badRequest(
      'The property "enableSoftDelete" can be set to false only for creating new vault. Enabling the \'soft delete\' functionality is an irreversible action.',
    )
}

/** The properties of a vault after a PUT: what was sent, with Key Vault's defaults for the rest. */
export function vaultProperties(
  simulator: Simulator,
  sent: VaultProperties,
  of: { version: string; has?: VaultProperties },
): VaultProperties {
  const { has, version } = of
  checkParts(simulator, sent, has)
  // A new vault is an RBAC vault by default only since 2026-02-01; an update never changes the model by itself.
  const rbac =
    sent.enableRbacAuthorization ?? (has ? has.enableRbacAuthorization : version >= '2026-02-01' || undefined)
  const policies = sent.accessPolicies ?? (rbac ? [] : undefined)
  checkPolicies(policies)
  // Who asks for soft delete without saying for how long is not told either.
  const days =
    !has && sent.softDeleteRetentionInDays === undefined && sent.enableSoftDelete != null
      ? undefined
      : retention(sent, has)
  const acls = sent.networkAcls ? withAclDefaults(sent.networkAcls) : undefined
  const kept = sent.enablePurgeProtection ?? has?.enablePurgeProtection
  return {
    sku: { family: 'A', name: sent.sku!.name!.toLowerCase() },
    tenantId: sent.tenantId!,
    ...(acls && (has?.networkAcls || !isOpen(acls)) && { networkAcls: acls }),
    accessPolicies: policies!.map(normalizePolicy),
    enabledForDeployment: sent.enabledForDeployment ?? false,
    ...(sent.enabledForDiskEncryption !== undefined && {
      enabledForDiskEncryption: sent.enabledForDiskEncryption,
    }),
    ...(sent.enabledForTemplateDeployment !== undefined && {
      enabledForTemplateDeployment: sent.enabledForTemplateDeployment,
    }),
    enableSoftDelete: true,
    ...(days !== undefined && { softDeleteRetentionInDays: days }),
    ...(rbac !== undefined && rbac !== null && { enableRbacAuthorization: rbac }),
    ...(kept && { enablePurgeProtection: true }),
    publicNetworkAccess: sent.publicNetworkAccess ?? 'Enabled',
  }
}

const lower = (id: string) => id.toLowerCase()

/** Key Vault reads the ids of tenants and applications as GUIDs, and writes those in lower case. */
export const normalizePolicy = (policy: Policy): Policy => ({
  ...policy,
  tenantId: lower(policy.tenantId),
  ...(policy.applicationId && { applicationId: lower(policy.applicationId) }),
})

/** Rules that let everybody in are those of a vault without any; it does not show them. */
const isOpen = (acls: ReturnType<typeof withAclDefaults>) =>
  acls.defaultAction === 'Allow' && acls.ipRules.length === 0 && acls.virtualNetworkRules.length === 0

/** `networkAcls` as sent, with the members that an answer always has. */
export const withAclDefaults = (acls: unknown) => ({
  bypass: 'AzureServices',
  defaultAction: 'Allow',
  ipRules: [] as unknown[],
  virtualNetworkRules: [] as unknown[],
  ...(acls as Record<string, never>),
})

/** Access policies after `add`, `replace` or `remove`: one for each object id and application id. */
export function mergePolicies(has: Policy[], sent: Policy[], kind: string): Policy[] {
  const key = ({ objectId, applicationId }: Policy) => `${objectId}/${applicationId ?? ''}`.toLowerCase()
  const named = new Map(has.map((policy) => [key(policy), policy]))
  for (const policy of sent) {
    const old = named.get(key(policy))
    if (kind === 'replace' || (kind === 'add' && !old)) named.set(key(policy), policy)
    else if (kind === 'add') named.set(key(policy), { ...old!, permissions: joined(old!, policy) })
    else if (old) {
      const permissions = without(old, policy)
      if (Object.values(permissions).some((verbs) => verbs.length > 0))
        named.set(key(policy), { ...old, permissions })
      else named.delete(key(policy))
    }
  }
  return [...named.values()]
}

const joined = (old: Policy, more: Policy) => {
  const kinds = new Set([...Object.keys(old.permissions), ...Object.keys(more.permissions)])
  return Object.fromEntries(
    [...kinds].map((kind) => [
      kind,
      [...new Set([...(old.permissions[kind] ?? []), ...(more.permissions[kind] ?? [])])],
    ]),
  )
}

const without = (old: Policy, less: Policy) =>
  Object.fromEntries(
    Object.entries(old.permissions).map(([kind, verbs]) => {
      const gone = (less.permissions[kind] ?? []).map((verb) => verb.toLowerCase())
      return [kind, verbs.filter((verb) => !gone.includes(verb.toLowerCase()))]
    }),
  )
