// Preloaded into the program: delays every request by WI_E2E_LATENCY ms, and at exit writes the peak memory in MiB to the
// file WI_E2E_MEMORY.
import { writeFileSync } from 'node:fs'
import { ClientRequest } from 'node:http'

const { WI_E2E_LATENCY: latency = '0', WI_E2E_MEMORY: file } = process.env
const { end } = ClientRequest.prototype
ClientRequest.prototype.end = function (...rest) {
  setTimeout(() => end.apply(this, rest), Number(latency))
  return this
}
if (file) process.on('exit', () => writeFileSync(file, String(process.resourceUsage().maxRSS / 1024)))
