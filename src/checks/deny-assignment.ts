import { az, instruction } from '../base/command.ts'
import type { Clients } from '../clients/clients.ts'
import type { DenyAssignment } from '../clients/roles.ts'
import { hasCode } from '../clients/service-error.ts'
import { check, fail, pass } from '../engine/check.ts'
import { allows } from '../engine/permissions.ts'
import { readAction } from '../steps/secret-access.ts'
import { principalExists } from './identity.ts'
import { bySecret } from './proof.ts'
import { accountAnnotated } from './service-account.ts'
import { vaultExists } from './vault.ts'

/** The principal that stands for everybody. */
const everyone = '00000000-0000-0000-0000-000000000000'

const ignore = (code: string) => (error: unknown) => {
  if (hasCode(error, code)) return []
  throw error
}

/** Returns the deny assignment that forbids the principal to read the secret; undefined if the caller sees none. */
async function findDenial(
  { roles, directory }: Pick<Clients, 'roles' | 'directory'>,
  scope: string,
  principalId: string,
): Promise<DenyAssignment | undefined> {
  const all = await roles.denials(scope).catch(ignore('AuthorizationFailed'))
  const denials = all.filter(({ permissions }) => allows(permissions, readAction, 'data'))
  if (denials.length === 0) return undefined
  const groups = await directory.groupsOf(principalId).catch(ignore('Authorization_RequestDenied'))
  const ids = [everyone, principalId, ...groups].map((id) => id.toLowerCase())
  const includes = (principals: string[]) => principals.some((id) => ids.includes(id.toLowerCase()))
  return denials.find((each) => includes(each.principals) && !includes(each.excludedPrincipals))
}

export const notDenied = check()({
  code: 'WI511',
  title: 'No deny assignment prevents the identity from reading the secret',
  link: 'access',
  uses: ['vault', 'vaultResourceGroup', 'secret', 'namespace', 'serviceAccount', 'audience'],
  needs: { vault: vaultExists, principal: principalExists, account: accountAnnotated },
  async run(ctx) {
    const { vault, principal, settings, cloud } = ctx
    if (vault.access === 'policy') return pass(true as const, 'the vault uses access policies')
    const proof = await bySecret(ctx)
    if (proof !== undefined) return pass(true as const)
    const denial = await findDenial(ctx, `${vault.id}/secrets/${settings.secret}`, principal.principalId)
    if (!denial) return pass(true as const)
    return fail({
      detail: `The deny assignment "${denial.name}" on ${denial.scope} prevents the identity from reading secrets in vault ${vault.name}; no role overrides it`,
      is: denial.name,
      should: '(none)',
      remedy: instruction`Ask the owner of the deny assignment to exclude the identity: a deployment stack or a managed application created it, and only that can change it. To see it: ${az('rest', { method: 'get', url: `${cloud.arm}${denial.id}?api-version=2022-04-01` })}`,
    })
  },
})
