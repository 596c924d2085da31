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
  title: 'No pod asks for the proxy sidecar of old times',
  inspect(workload, around) {
    const value = annotationsOf(workload)[proxyKey]
    if (value === undefined || !isLabelled(workload)) return []
    const home = around.namespace(workload.namespace)
    const enforced =
      typeof home === 'object' ? home.metadata.labels?.['pod-security.kubernetes.io/enforce'] : undefined
    const refused = podSpecOf(workload).hostNetwork
      ? 'with hostNetwork the webhook then admits no pod'
      : isWindows(workload)
        ? 'it needs Linux'
        : enforced !== undefined && enforced !== 'privileged'
          ? `its privileged init container is refused where Pod Security enforces ${enforced}`
          : undefined
    return [
      {
        detail: `${workloadTitle(workload)}: ${proxyKey} injects the proxy, whatever its value; ${
          refused ??
          'it is for programs that know only the older pod identity, and runs a privileged container'
        }`,
        is: JSON.stringify(value),
        should: '(none)',
        field: inTemplate(workload, 'metadata', 'annotations', proxyKey),
        edit: 'take it away',
        change: {
          template: {
            metadata: { annotations: { [proxyKey]: null, [identityKey('proxy-sidecar-port')]: null } },
          },
        },
        ...(refused ? {} : { warning: true }),
      },
    ]
  },
}

export const skippedContainersExist: WorkloadRule = {
  code: 'WI216',
  title: 'The containers to be skipped are there, and others are left',
  inspect(workload) {
    const given = annotationsOf(workload)[skipKey]
    if (given === undefined || !isLabelled(workload)) return []
    const names = containersOf(workload).map(({ name }) => name)
    const skipped = skippedContainers(workload)
    const strange = skipped.filter((name) => !names.includes(name))
    const left = containersOf(workload).filter(
      ({ list, name }) => list === 'containers' && !skipped.includes(name),
    )
    const field = inTemplate(workload, 'metadata', 'annotations', skipKey)
    if (left.length === 0)
      return [
        {
          detail: `${workloadTitle(workload)}: ${skipKey} leaves out every container, so none gets a token`,
          is: String(given),
          should: 'only those that need no token',
          field,
          edit: 'take it away, or name only those that need no token',
          change: { template: { metadata: { annotations: { [skipKey]: null } } } },
        },
      ]
    if (strange.length === 0) return []
    // The names are parted by semicolons; whoever took commas meant what stands between them.
    const meant = skipped.flatMap((name) => name.split(/[\s,]+/)).filter((name) => names.includes(name))
    const next = meant.length ? meant.join(';') : null
    return [
      {
        detail: `${workloadTitle(workload)}: ${skipKey} names ${strange.map((each) => JSON.stringify(each)).join(', ')}, and there is no such container${String(given).includes(',') ? ' (names are parted by ";")' : ''}`,
        is: String(given),
        should: next ?? `some of ${names.join(';')}`,
        field,
        edit: next === null ? 'take it away, or name containers' : `write "${next}"`,
        change: { template: { metadata: { annotations: { [skipKey]: next } } } },
        warning: true,
      } satisfies RuleFinding,
    ]
  },
}
