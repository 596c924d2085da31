import { isIP } from 'node:net'
import { ArmError } from '../errors.ts'
import type { ProxyType } from './proxy-resources.ts'

/** Returns the type of a database server's firewall rules: ranges of addresses that may connect. */
export const firewallRules = (
  server: string,
  more: Pick<ProxyType, 'absent' | 'duration' | 'operations'>,
): ProxyType => ({
  type: `${server}/firewallRules`,
  shape: { properties: { startIpAddress: 'string', endIpAddress: 'string' } },
  ...more,
  members(_, { properties }) {
    const { startIpAddress, endIpAddress } = properties ?? {}
    for (const address of [startIpAddress, endIpAddress])
      if (typeof address !== 'string' || isIP(address) !== 4)
        throw new ArmError(
          400,
          'InvalidParameterValue',
          `Invalid value given for parameter startIpAddress or endIpAddress: '${address}'. Specify an IPv4 address.`,
        )
    return { properties: { startIpAddress, endIpAddress } }
  },
})
