import { az } from '../../base/command.ts'
import type { Caller } from '../../clients/account.ts'
import { check, fail, pass } from '../../engine/check.ts'

export const signedInTenant = check<Caller>()({
  code: 'WI801',
  title: "You are signed in to the subscription's tenant",
  link: 'caller',
  uses: ['subscription', 'tenant'],
  needs: {},
  async run({ settings, azureAccount }) {
    const caller = await azureAccount.caller()
    if (caller.tenantId.toLowerCase() === settings.tenant.toLowerCase()) return pass(caller, caller.name)
    return fail({
      detail: `${caller.name} is signed in to another tenant`,
      is: caller.tenantId,
      should: settings.tenant,
      remedy: az('login', { tenant: settings.tenant }),
    })
  },
})
