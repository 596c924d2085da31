import { flagTargets } from '../issuers/api-server-flags.ts'
import { type CommandSpec, command } from './command.ts'
import { azureSettings } from './setting-groups.ts'

const shared = {
  settings: [...azureSettings, 'kubeconfig', 'context'],
  general: [
    'file',
    'sandbox',
    'cloud',
    'pace',
    'yes',
    'dryRun',
    'output',
    'quiet',
    'color',
    'debug',
    'timeout',
  ],
} as const

const flags = {
  storageAccount: {
    value: 'name',
    description: 'Storage account whose static website publishes the documents',
  },
  to: { value: 'folder', description: 'Folder to write the documents to, for any web server' },
  url: {
    value: 'URL',
    description:
      'Issuer URL, under which the documents are readable without sign-in; required with --to (default: the static website)',
  },
  for: {
    value: flagTargets.join('|'),
    description: 'Distribution to print the API server flags for (default: as recognized)',
  },
} as const

/** Publishes the keys of a cluster whose issuer isn't public. */
const publish = command({
  ...shared,
  name: 'issuer publish',
  description: 'Publish the discovery document and keys of a cluster, and print the API server flags',
  flags: {
    ...flags,
    create: {
      description: 'Create the storage account, or turn on its static website, if necessary (default: fail)',
    },
  },
  examples: [
    'issuer publish --context kind-local --storage-account stshopissuer --resource-group rg-shop --create',
    'issuer publish --context kind-local --to ./public --url https://oidc.example.com/shop --for kubeadm',
  ],
  async run(invocation, values) {
    const { runIssuer } = await import('./run/issuer/run-issuer.ts')
    return runIssuer(invocation, 'publish', values)
  },
})

/** Changes the published keys without an interruption. */
const rotate = command({
  ...shared,
  name: 'issuer rotate',
  description: 'Publish new signing keys beside the old ones, or remove the old ones, and print the steps',
  flags: {
    ...flags,
    publicKey: {
      value: 'path',
      description:
        "PEM file of a new public key that the API servers don't have yet (default: only the cluster's keys)",
    },
    removeOld: {
      description: "Remove the published keys that the cluster doesn't have (default: they are kept)",
    },
  },
  examples: [
    'issuer rotate --context kind-local --storage-account stshopissuer --public-key sa-new.pub',
    'issuer rotate --context kind-local --storage-account stshopissuer --remove-old',
  ],
  async run(invocation, values) {
    const { runIssuer } = await import('./run/issuer/run-issuer.ts')
    return runIssuer(invocation, 'rotate', values)
  },
})

export const issuerCommands: readonly CommandSpec[] = [publish, rotate]
