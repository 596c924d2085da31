import { BlockList, isIPv6 } from 'node:net'

/** Returns whether one of the addresses and ranges (`203.0.113.0/24`) of a firewall contains the address. */
export function isListed(rules: readonly string[], address: string): boolean {
  const list = new BlockList()
  for (const rule of rules) {
    const [network = '', prefix] = rule.split('/')
    const family = isIPv6(network) ? 'ipv6' : 'ipv4'
    try {
      list.addSubnet(network, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family)
    } catch {}
  }
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}
