import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkError } from '../../../src/clients/network-error.ts'
import { ServiceError } from '../../../src/clients/service-error.ts'
import { explained } from '../../support/remedies.ts'

const limits: Record<string, RegExp> = {
  EMFILE: /ulimit -n 4096/,
  ENFILE: /fs\.file-max/,
  EADDRNOTAVAIL: /release their ports/,
  ENOBUFS: /memory limit/,
  ENOMEM: /memory limit/,
  EPERM: /Allow outgoing connections to port 443 of kv\.example/,
  EACCES: /Allow outgoing connections to port 443 of kv\.example/,
}

for (const [code, remedy] of Object.entries(limits))
  test(`${code} of a connection is explained as this machine's, with a remedy`, () => {
    const error = networkError(
      Object.assign(new Error(`connect ${code} 127.0.0.1:443`), { code }),
      'https://kv.example/',
    )
    assert.match(explained(error).remedy, remedy)
    assert.match(explained(error).what, /machine|wi-setup has reached/)
  })

for (const [message, remedy] of Object.entries({
  "The sandbox can't open state.json: too many open files (EMFILE)": /ulimit -n 4096/,
  "The sandbox can't write state.json: the disk is full (ENOSPC)": /Free some space/,
  "The sandbox can't write state.json: the quota of the disk is used up (EDQUOT)": /Free some space/,
  "The sandbox can't write state.json: the file system is read-only (EROFS)": /writable folder/,
  'The mailbox is full': /Free up space on the service/,
}))
  test(`a 507 has a remedy for its cause: ${message}`, () => {
    const error = new ServiceError({ service: 'arm', code: 'InsufficientStorage', message, status: 507 })
    assert.match(explained(error).remedy, remedy)
  })

test('other failures to write a file are explained, too', () => {
  const error = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  assert.match(explained(error).remedy, /Free some space/)
})

test('waiting is not suggested for an operation that the service does not have', () => {
  const of = (status: number) =>
    explained(new ServiceError({ service: 'arm', code: `Http${status}`, message: 'x', status })).remedy
  assert.match(of(502), /Wait a minute/)
  assert.doesNotMatch(of(501), /Wait/)
})
