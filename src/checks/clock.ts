import { decodeJwt } from 'jose'
import { instruction, program } from '../base/command.ts'
import { check, fail, pass, warn } from '../engine/check.ts'
import { tokenIssued } from './issuer.ts'
import { byExchange } from './proof.ts'
import { proofNeeds } from './proof-needs.ts'

/** Entra's tolerance for a token's timestamps, in seconds. */
const toleranceSeconds = 300

const offset = (seconds: number) => `${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead'}`

const syncClock = program('sudo', 'timedatectl', 'set-ntp', 'true')

export const clocksInSync = check()({
  code: 'WI109',
  title: "The clocks of the cluster and this machine agree with Entra's",
  link: 'issuer',
  uses: ['cluster', 'namespace', 'serviceAccount', 'audience'],
  needs: { token: tokenIssued, ...proofNeeds },
  overruledBy: byExchange,
  async run({ token, clock }) {
    // clock.skew() comes from the Date header of service responses; the token has just been issued.
    const skew = Math.round(clock.skew() / 1000)
    const issued = decodeJwt(token.token).iat
    const cluster = issued === undefined ? 0 : Math.round(issued - (Date.now() / 1000 + skew))
    if (cluster > toleranceSeconds)
      return fail({
        detail:
          "The clock of the cluster's control plane is ahead, so Entra rejects its tokens as not yet valid (AADSTS700024)",
        is: offset(cluster),
        should: `at most ${toleranceSeconds} s`,
        remedy: instruction`On the control plane nodes, run ${syncClock}`,
      })
    if (Math.abs(skew) <= toleranceSeconds) return pass(true as const)
    return warn(true as const, {
      detail: "This machine's clock is wrong, so valid tokens look expired or not yet valid",
      is: offset(-skew),
      should: `at most ${toleranceSeconds} s`,
      remedy: syncClock,
    })
  },
})
