// Preloaded into the program: delays every request by WI_TEST_LATENCY ms, and at exit writes the peak memory in MiB to the
// file WI_TEST_MEMORY.
import { writeFileSync } from 'node:fs'
import { ClientRequest } from 'node:http'

const { WI_TEST_LATENCY: latency, WI_TEST_MEMORY: file } = process.env
if (latency) {
  const { end } = ClientRequest.prototype
  ClientRequest.prototype.end = function (...args) {
    setTimeout(() => end.apply(this, args), Number(latency))
    return this
  }
}
if (file) process.on('exit', () => writeFileSync(file, String(process.resourceUsage().maxRSS / 1024)))
