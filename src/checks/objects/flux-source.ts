import { withFlag } from '../../base/command.ts'
import type { KubeObject } from '../../clients/kubernetes.ts'
import { clientIdKey, tenantIdKey } from '../../steps/service-account.ts'
import { textAt } from './fields.ts'
import type { AccountReference, ObjectFinding, ObjectKind } from './object-kind.ts'

const field = ['spec', 'serviceAccountName']

function accounts(object: KubeObject): AccountReference[] {
  const [name, { namespace }] = [textAt(object, field), object.metadata]
  return name === undefined || namespace === undefined ? [] : [{ namespace, name }]
}

const judged: Pick<ObjectKind, 'uses' | 'accounts' | 'inspect'> = {
  // Without serviceAccountName, Flux uses the identity of its own controller.
  uses: (object) => textAt(object, ['spec', 'provider']) === 'azure',
  accounts,
  inspect: (object, context) =>
    accounts(object).flatMap(({ namespace, name }): ObjectFinding[] => {
      const account = context.serviceAccount(namespace, name)
      if (account === 'unknown') return []
      const annotations = account === 'none' ? {} : (account.metadata.annotations ?? {})
      const missing = [clientIdKey, tenantIdKey].filter((key) => annotations[key] === undefined)
      if (!missing.length) return []
      return [
        {
          about: 'account',
          detail:
            account === 'none'
              ? `refers to service account ${name}, which does not exist`
              : `refers to service account ${name}, which has no ${missing.map((key) => key.slice(key.lastIndexOf('/') + 1)).join(' and no ')}`,
          is: '(none)',
          should: missing.join(', '),
          field,
          edit: `annotate ${name} with ${missing.join(' and ')}`,
          run: withFlag(
            withFlag(context.command('federate'), '--namespace', namespace),
            '--service-account',
            name,
          ),
        },
      ]
    }),
}

/** Sources that Flux reads from Azure. */
export const fluxSource: ObjectKind = {
  group: 'source.toolkit.fluxcd.io',
  kinds: {
    GitRepository: 'gitrepositories',
    OCIRepository: 'ocirepositories',
    HelmRepository: 'helmrepositories',
    Bucket: 'buckets',
  },
  ...judged,
}

/** Images that Flux scans in a registry of Azure. */
export const fluxImages: ObjectKind = {
  group: 'image.toolkit.fluxcd.io',
  kinds: { ImageRepository: 'imagerepositories' },
  ...judged,
}
