import { UsageError } from '../base/usage-error.ts'
import { command } from './command.ts'
import {
  azureSettings,
  clusterSettings,
  identitySettings,
  vaultSettings,
  workloadSettings,
} from './setting-groups.ts'

/** The sample app of a set-up. */
export const sample = command({
  name: 'sample',
  description: 'Deploy the sample app, which returns the secret over HTTP',
  settings: [
    ...azureSettings,
    ...clusterSettings,
    ...identitySettings,
    ...workloadSettings,
    ...vaultSettings,
    'webhook',
    'audience',
    'os',
    'sampleImage',
  ],
  flags: {
    port: {
      value: 'n',
      description:
        'Then serve the app on this port of 127.0.0.1 until Ctrl-C, at a URL with a random token; 0 picks a free port (default: do not serve)',
    },
  },
  examples: [
    'sample --sandbox --yes',
    'sample --sandbox --yes --port 8080',
    'sample --namespace shop --service-account checkout --vault kv-shop',
  ],
  async run(invocation, { port }) {
    if (port !== undefined && !(/^\d+$/.test(port) && Number(port) <= 65535))
      throw new UsageError(`--port ${JSON.stringify(port)} is not a port from 0 to 65535`)
    const { host, options } = invocation
    const [{ runSetUp }, { serveSample }] = await Promise.all([
      import('./run/set-up.ts'),
      import('./run/sample-server.ts'),
    ])
    if (port === undefined) return runSetUp(invocation, { part: 'sample' })
    // With --output json, standard output takes one JSON document and nothing else.
    const announce = options.output === 'json' ? host.stderr : host.stdout
    return runSetUp(invocation, {
      part: 'sample',
      afterwards: (kube, namespace) =>
        serveSample({ kube, namespace, port: Number(port), announce, signal: host.signal }),
    })
  },
})
