import { check, fail, pass } from '../../engine/check.ts'
import { deniedText, findDenied, policyRemedy } from '../../engine/policies.ts'
import type { PlannedResource } from '../../engine/step.ts'
import { usesVault } from '../../settings/table.ts'
import { usesAks } from '../../settings/uses-aks.ts'
import { cluster } from '../../steps/cluster.ts'
import { managedIdentity } from '../../steps/managed-identity.ts'
import { resourceGroup } from '../../steps/resource-group.ts'
import { vault } from '../../steps/vault.ts'
import { existingResources } from './existing-resources.ts'

export const policiesAllow = check()({
  code: 'WI808',
  title: 'Azure Policy allows the new resources',
  link: 'caller',
  uses: [
    ...resourceGroup.uses,
    ...cluster.uses,
    ...vault.uses,
    ...managedIdentity.uses,
    'context',
    'kubeconfig',
    'grants',
    'issuer',
    'identityKind',
  ],
  needs: { existing: existingResources },
  async run({ settings, existing, inSubscription, policies }) {
    const needs = { group: existing.group ?? {}, providers: {} }
    const isNew: [string, boolean, () => PlannedResource | undefined][] = [
      ['resource group', !existing.group, () => resourceGroup.newResource?.(settings, {})],
      ['cluster', usesAks(settings) && !existing.cluster, () => cluster.newResource?.(settings, needs)],
      ['vault', usesVault(settings) && !existing.vault, () => vault.newResource?.(settings, needs)],
      [
        'managed identity',
        settings.identityKind === 'managed' && existing.identity === undefined,
        () => managedIdentity.newResource?.(settings, needs),
      ],
    ]
    const planned = isNew.flatMap(([title, applies, resourceOf]) => {
      const resource = applies ? resourceOf() : undefined
      return resource ? [{ title, resource }] : []
    })
    const denied = await findDenied(planned, settings, { inSubscription, policies })
    if (denied.length === 0) return pass(true as const, planned.length ? '' : 'nothing is created')
    return fail({
      detail: `Azure Policy does not allow what the set-up creates: ${denied.map(deniedText).join('; ')}`,
      remedy: policyRemedy(denied),
    })
  },
})
