// Preloaded into programs on this machine: the sandbox's names lead to the address that the pods reach it at.
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'

const { WI_E2E_DOMAIN: domain, WI_E2E_HOST: address } = process.env
const system = dns.lookup
dns.lookup = (name, options, done) => {
  const [how, tell] = typeof options === 'function' ? [{}, options] : [options ?? {}, done]
  if (!domain || !`${name}`.endsWith(`.${domain}`)) return system(name, how, tell)
  if (how.all) process.nextTick(tell, null, [{ address, family: 4 }])
  else process.nextTick(tell, null, address, 4)
}
syncBuiltinESMExports()
