import { decodeJwt } from 'jose'
import { check, fail, pass, warn } from '../engine/check.ts'
import { tokenIssued } from './issuer.ts'

/** What Entra tolerates between its clock and that of a token. */
const tolerated = 300

const seconds = (difference: number) => `${Math.abs(difference)} s ${difference < 0 ? 'behind' : 'ahead'}`

export const clocksInSync = check()({
  code: 'WI109',
  title: "The clocks of the cluster and of this machine are Entra's",
  link: 'issuer',
  uses: ['cluster'],
  needs: { token: tokenIssued },
  async run({ token, clock }) {
    // By what the services write into their answers; the token has just been issued.
    const skew = Math.round(clock.skew() / 1000)
    const issued = decodeJwt(token.token).iat
    const cluster = issued === undefined ? 0 : Math.round(issued - (Date.now() / 1000 + skew))
    if (cluster > tolerated)
      return fail({
        detail:
          "The clock of the cluster's control plane is wrong: its tokens are not valid yet (Entra: AADSTS700024)",
        is: seconds(cluster),
        should: `at most ${tolerated} s`,
        remedy: 'sudo timedatectl set-ntp true',
      })
    if (Math.abs(skew) <= tolerated) return pass(true as const)
    return warn(true as const, {
      detail: "This machine's clock is wrong: tokens look expired, or not valid yet",
      is: seconds(-skew),
      should: `at most ${tolerated} s`,
      remedy: 'sudo timedatectl set-ntp true',
    })
  },
})
