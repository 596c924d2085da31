// Preloaded into the program: every request takes longer by WI_E2E_LATENCY ms, as over a network, and the peak memory in
// MiB is written to the file that WI_E2E_MEMORY names as the program ends.
import { writeFileSync } from 'node:fs'
import { ClientRequest } from 'node:http'

const { WI_E2E_LATENCY: latency = '0', WI_E2E_MEMORY: file } = process.env
const { end } = ClientRequest.prototype
ClientRequest.prototype.end = function (...rest) {
  setTimeout(() => end.apply(this, rest), Number(latency))
  return this
}
if (file) process.on('exit', () => writeFileSync(file, String(process.resourceUsage().maxRSS / 1024)))
