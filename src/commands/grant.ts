import { command } from './command.ts'
import { azureSettings, identitySettings, workloadSettings } from './setting-groups.ts'

/** The grants' part of a set-up. */
export const grant = command({
  name: 'grant',
  description: 'Give the identity access to existing resources, such as blobs, queues or secrets',
  settings: [...azureSettings, ...identitySettings, ...workloadSettings, 'grants', 'createStorage'],
  examples: [
    'grant --grant storage:stshop/invoices=reader',
    'grant --namespace shop --service-account checkout --grant vault:kv-shop/secret/db-password',
    'grant --grant storage:stshop/invoices=contributor --create-storage',
  ],
  async run(invocation) {
    const { runSetUp } = await import('./run/set-up.ts')
    return runSetUp(invocation, { part: 'grant' })
  },
})
