// Preloaded into programs on this machine: resolves the sandbox's names to the address at which pods reach it.
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
