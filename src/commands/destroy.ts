import { command } from './command.ts'

/** Deletes what wi-setup created. */
export const destroy = command({
  name: 'destroy',
  description:
    'Delete the resources that wi-setup created, in reverse dependency order, after showing the plan',
  flags: {
    purge: {
      description:
        'Permanently delete soft-deleted resources: vault, secret and app registration (default: keep them recoverable)',
    },
    confirm: {
      values: 'name',
      description:
        'Names of the cluster and, with --purge, of the vault, secret and app registration to delete (default: ask)',
    },
    skipUnreachable: {
      description: 'Retain an unreachable cluster, and delete the rest (default: stop)',
    },
  },
  examples: [
    'destroy --sandbox --dry-run',
    'destroy --sandbox --yes --confirm aks-demo',
    'destroy --namespace shop --service-account checkout',
  ],
  async run(invocation, { purge = false, skipUnreachable = false, confirm = [] }) {
    const { runDestroy } = await import('./run/destroy.ts')
    return runDestroy(invocation, { purge, skipUnreachable }, confirm)
  },
})
