import type { Simulator } from '../../simulator.ts'

const addressOf = ({ host }: Simulator) => {
  const address = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host
  return { address, family: address.includes(':') ? 6 : 4 }
}

/**
 * Runs in a pod's process before its script: the sandbox's names resolve as on a cluster with that DNS, servers
 * listen on loopback only, at a free port that is told on descriptor 3 as `asked given`, and the process ends, its
 * folder with it, when the sandbox does (its standard input closes).
 */
export const initScript = (simulator: Simulator): string => `import dns from 'node:dns'
import { rmSync, writeSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

const domains = ${JSON.stringify(['localhost', new URL(simulator.addresses.login).hostname.replace(/^login\./, '')])}
const own = (name) => domains.some((domain) => ('.' + name.toLowerCase().replace(/\\.$/, '')).endsWith('.' + domain))
const loopback = ${JSON.stringify(addressOf(simulator))}
const { lookup } = dns
dns.lookup = (name, options, done) => {
  const [wanted, answer] = typeof options === 'function' ? [{}, options] : [options, done]
  if (!own(name)) return lookup(name, wanted, answer)
  process.nextTick(() => (wanted?.all ? answer(null, [loopback]) : answer(null, loopback.address, loopback.family)))
}
const resolve = dns.promises.lookup
dns.promises.lookup = async (name, options) =>
  own(name) ? (options?.all ? [loopback] : loopback) : resolve(name, options)

const { listen } = net.Server.prototype
net.Server.prototype.listen = function (...args) {
  const [first] = args
  const asked = first !== null && typeof first === 'object' ? first.port : first
  if (asked === undefined || asked === null || Number.isNaN(Number(asked))) return listen.apply(this, args)
  const done = args.findLast((each) => typeof each === 'function')
  this.once('listening', () => writeSync(3, \`\${Number(asked)} \${this.address().port}\\n\`))
  return listen.call(this, { port: 0, host: '127.0.0.1' }, ...(done ? [done] : []))
}
syncBuiltinESMExports()

const leave = () => {
  rmSync(new URL('..', import.meta.url), { recursive: true, force: true })
  process.exit(0)
}
process.stdin.on('end', leave).on('error', leave)
process.stdin.resume()
process.stdin.unref?.()
`
