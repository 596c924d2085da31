import type { Simulator } from '../../simulator.ts'

const loopbackAddress = ({ host }: Simulator) => {
  const address = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host
  return { address, family: address.includes(':') ? 6 : 4 }
}

/**
 * Returns the module that Node.js imports before a pod's script. It resolves the sandbox's host names to loopback; it
 * makes servers listen on a free loopback port, which it reports on descriptor 3 as `REQUESTED ACTUAL`; and when the
 * sandbox closes standard input, it exits.
 */
export const initScript = (simulator: Simulator): string => `import dns from 'node:dns'
import { writeSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

const domains = ${JSON.stringify(['localhost', new URL(simulator.addresses.login).hostname.replace(/^login\./, '')])}
const isSandboxName = (name) => domains.some((domain) => ('.' + name.toLowerCase().replace(/\\.$/, '')).endsWith('.' + domain))
const loopback = ${JSON.stringify(loopbackAddress(simulator))}
const { lookup } = dns
dns.lookup = (name, options, done) => {
  const [settings, callback] = typeof options === 'function' ? [{}, options] : [options, done]
  if (!isSandboxName(name)) return lookup(name, settings, callback)
  process.nextTick(() => (settings?.all ? callback(null, [loopback]) : callback(null, loopback.address, loopback.family)))
}
const resolve = dns.promises.lookup
dns.promises.lookup = async (name, options) =>
  isSandboxName(name) ? (options?.all ? [loopback] : loopback) : resolve(name, options)

const { listen } = net.Server.prototype
net.Server.prototype.listen = function (...args) {
  const [first] = args
  const requested = first !== null && typeof first === 'object' ? first.port : first
  if (requested === undefined || requested === null || Number.isNaN(Number(requested))) return listen.apply(this, args)
  const done = args.findLast((each) => typeof each === 'function')
  this.once('listening', () => writeSync(3, \`\${Number(requested)} \${this.address().port}\\n\`))
  return listen.call(this, { port: 0, host: '127.0.0.1' }, ...(done ? [done] : []))
}
syncBuiltinESMExports()

const exit = () => process.exit(0)
process.stdin.on('end', exit).on('error', exit)
process.stdin.resume()
process.stdin.unref?.()
`
