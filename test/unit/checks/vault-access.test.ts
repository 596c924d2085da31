import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roleAssigned } from '../../../src/checks/vault-access.ts'
import type { RoleAssignment, RoleGrant } from '../../../src/clients/roles.ts'
import { roleIds } from '../../../src/steps/grants.ts'

const vaultId = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv'
const readAction = 'Microsoft.KeyVault/vaults/secrets/getSecret/action'
const restricting = `(!(ActionMatches{'${readAction}'})) OR (@Resource[x:name] StringEquals 'a')`
const harmless = restricting.replace(readAction, 'Microsoft.Storage/storageAccounts/read')

const assignment = (condition: string | undefined, role: string = roleIds.secretsUser): RoleAssignment => ({
  id: 'id',
  scope: vaultId,
  role,
  principalId: 'p',
  description: undefined,
  condition,
})
const grant = (condition: string | undefined): RoleGrant => ({
  ...assignment(condition, 'custom'),
  roleName: 'Secret Getter',
  permissions: [{ actions: [], notActions: [], dataActions: [readAction], notDataActions: [] }],
})

const verdictOf = (assignments: RoleAssignment[], grants: RoleGrant[], canRead: boolean) =>
  roleAssigned.run({
    settings: { secret: 'greeting' },
    vault: { id: vaultId, name: 'kv', access: 'rbac' },
    principal: { principalId: 'p' },
    roles: { assignments: async () => assignments, grants: async () => grants },
    command: () => 'fix',
    // The workload's own read of the secret.
    once: async () => (canRead ? { found: { value: 'v' } } : { error: new Error('ForbiddenByRbac') }),
  } as never)

test('a role under a condition is no sure grant, and not broken if the workload reads the secret', async () => {
  for (const [assignments, grants] of [
    [[assignment(restricting)], []],
    [[], [grant(restricting)]],
    [[assignment("@Resource[x:name] StringEquals 'a'")], [grant(restricting)]],
  ] as const) {
    const proven = await verdictOf([...assignments], [...grants], true)
    assert.equal(proven.status, 'pass')
    assert.match('detail' in proven ? proven.detail! : '', / on kv, under a condition; The workload reads/)
    const unproven = await verdictOf([...assignments], [...grants], false)
    assert.equal(unproven.status, 'warn')
    assert.match('detail' in unproven ? unproven.detail! : '', /only under a condition/)
  }
})

test('a role without a condition, or with one for other actions, is a grant', async () => {
  for (const [assignments, grants] of [
    [[assignment(undefined)], []],
    [[assignment(harmless)], []],
    [[], [grant(harmless)]],
    [[assignment(restricting), assignment(undefined, roleIds.administrator)], []],
    [[assignment(restricting)], [grant(restricting), grant(undefined)]],
  ] as const) {
    const { status, ...rest } = await verdictOf([...assignments], [...grants], false)
    assert.equal(status, 'pass')
    assert.doesNotMatch(JSON.stringify(rest), /condition/)
  }
})
