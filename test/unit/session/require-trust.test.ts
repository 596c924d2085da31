import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Shell } from '../../../src/base/shell.ts'
import { makeTrustGate } from '../../../src/session/require-trust.ts'
import { parseSavedSettings } from '../../../src/settings/file.ts'

for (const [shell, flags] of [
  ['posix', String.raw`--kubeconfig 'it'\''s (a)'`],
  ['powershell', "--kubeconfig 'it''s (a)'"],
  ['cmd', '--kubeconfig "it\'s (a)"'],
] as [Shell, string][])
  test(`the flags to agree with are quoted for the user's shell: ${shell}`, async () => {
    const kubeconfig = "it's (a)"
    const saved = parseSavedSettings(`kubeconfig: "${kubeconfig}"\n`, 'wi-setup.yaml')
    const gate = makeTrustGate(
      {
        host: { env: {}, home: '/nonexistent', cwd: '/nonexistent', shell },
        file: { name: 'wi-setup.yaml', path: '/nonexistent/wi-setup.yaml', saved },
        options: {},
      } as unknown as Parameters<typeof makeTrustGate>[0],
      { kubeconfig: { value: kubeconfig, source: 'file' } } as Parameters<typeof makeTrustGate>[1],
      undefined,
    )
    await assert.rejects(gate(['kubeconfig']), ({ message }: Error) => {
      assert.equal(message.split('\n').at(-3), `  ${flags}`, message)
      return true
    })
  })
