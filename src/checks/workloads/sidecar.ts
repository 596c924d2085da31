import { inTemplate, type RuleFinding, type WorkloadRule } from './rule.ts'
import {
  annotationsOf,
  containersOf,
  identityKey,
  isLabelled,
  isWindows,
  podSpecOf,
  skippedContainers,
  workloadTitle,
} from './workload.ts'

const proxyKey = identityKey('inject-proxy-sidecar')
const skipKey = identityKey('skip-containers')

export const noProxySidecar: WorkloadRule = {
  code: 'WI210',
  title: "The pods don't request the deprecated proxy sidecar",
  inspect(workload, context) {
    const value = annotationsOf(workload)[proxyKey]
    if (value === undefined || !isLabelled(workload)) return []
    const namespace = context.namespace(workload.namespace)
    const enforced =
      typeof namespace === 'object'
        ? namespace.metadata.labels?.['pod-security.kubernetes.io/enforce']
        : undefined
    const rejection = podSpecOf(workload).hostNetwork
      ? 'With hostNetwork, the webhook rejects the pods.'
      : isWindows(workload)
        ? 'The proxy needs Linux.'
        : enforced !== undefined && enforced !== 'privileged'
          ? `Pod Security level ${enforced} rejects its privileged init container.`
          : undefined
    return [
      {
        detail: `${workloadTitle(workload)}: ${proxyKey} injects the proxy, whatever its value. ${
          rejection ??
          'It is for applications that only support pod-managed identity, and needs a privileged container.'
        }`,
        is: JSON.stringify(value),
        should: '(none)',
        field: inTemplate(workload, 'metadata', 'annotations', proxyKey),
        edit: 'remove it',
        change: {
          template: {
            metadata: { annotations: { [proxyKey]: null, [identityKey('proxy-sidecar-port')]: null } },
          },
        },
        ...(rejection ? {} : { warning: true }),
      },
    ]
  },
}

export const skippedContainersExist: WorkloadRule = {
  code: 'WI216',
  title: 'The skip-containers annotation lists existing containers, but not all of them',
  inspect(workload) {
    const value = annotationsOf(workload)[skipKey]
    if (value === undefined || !isLabelled(workload)) return []
    const names = containersOf(workload).map(({ name }) => name)
    const skipped = skippedContainers(workload)
    const unknown = skipped.filter((name) => !names.includes(name))
    const remaining = containersOf(workload).filter(
      ({ list, name }) => list === 'containers' && !skipped.includes(name),
    )
    const field = inTemplate(workload, 'metadata', 'annotations', skipKey)
    if (remaining.length === 0)
      return [
        {
          detail: `${workloadTitle(workload)}: ${skipKey} skips every container, so none gets a token`,
          is: String(value),
          should: 'only containers that need no token',
          field,
          edit: 'remove it, or list only containers that need no token',
          change: { template: { metadata: { annotations: { [skipKey]: null } } } },
        },
      ]
    if (unknown.length === 0) return []
    // Names are separated by semicolons; commas are a common mistake.
    const intended = skipped.flatMap((name) => name.split(/[\s,]+/)).filter((name) => names.includes(name))
    const corrected = intended.length ? intended.join(';') : null
    return [
      {
        detail: `${workloadTitle(workload)}: ${skipKey} lists ${unknown.map((each) => JSON.stringify(each)).join(', ')}, but no such container exists${String(value).includes(',') ? ' (separate names with ";")' : ''}`,
        is: String(value),
        should: corrected ?? `any of ${names.join(';')}`,
        field,
        edit:
          corrected === null
            ? 'remove it, or list existing containers'
            : `set it to ${JSON.stringify(corrected)}`,
        change: { template: { metadata: { annotations: { [skipKey]: corrected } } } },
        warning: true,
      } satisfies RuleFinding,
    ]
  },
}
