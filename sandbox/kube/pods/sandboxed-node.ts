/** Variables that change what Node.js, its libraries or its loader do before any script runs. */
const privileged =
  /^(NODE_(?!(ENV|EXTRA_CA_CERTS|NO_WARNINGS|DEBUG|TLS_REJECT_UNAUTHORIZED)$)|LD_|DYLD_|OPENSSL_)/i

/** Returns the variables that a pod's process may get. */
export const harmlessVariables = (variables: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).filter(([name]) => !privileged.test(name)))

/** Newer versions of Node.js also restrict the network. */
const allowNetwork = process.allowedNodeEnvironmentFlags.has('--allow-net')
  ? ['--allow-net', '--disable-warning=ExperimentalWarning']
  : []

/**
 * Returns the options with which a pod's script can read its own folder only, and write to its `emptyDir` volumes only.
 * It can start no process, thread or native module.
 */
export const permissionOptions = (folder: string, writable: readonly string[]): string[] => [
  '--permission',
  ...allowNetwork,
  `--allow-fs-read=${folder}`,
  ...writable.map((path) => `--allow-fs-write=${path}`),
]
