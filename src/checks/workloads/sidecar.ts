import { type Fault, inTemplate, type Rule } from './rule.ts'
import {
  annotationsOf,
  containersOf,
  isLabelled,
  isWindows,
  key,
  podSpecOf,
  skippedContainers,
  titleOf,
} from './workload.ts'

const proxyKey = key('inject-proxy-sidecar')
const skipKey = key('skip-containers')

export const noProxy: Rule = {
  code: 'WI210',
  title: 'No pod asks for the proxy sidecar of old times',
  look(workload, around) {
    const value = annotationsOf(workload)[proxyKey]
    if (value === undefined || !isLabelled(workload)) return []
    const home = around.home(workload.namespace)
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
        detail: `${titleOf(workload)}: ${proxyKey} injects the proxy, whatever its value; ${
          refused ??
          'it is for programs that know only the older pod identity, and runs a privileged container'
        }`,
        is: JSON.stringify(value),
        should: '(none)',
        at: inTemplate(workload, 'metadata', 'annotations', proxyKey),
        edit: 'take it away',
        change: {
          template: { metadata: { annotations: { [proxyKey]: null, [key('proxy-sidecar-port')]: null } } },
        },
        ...(refused ? {} : { warning: true }),
      },
    ]
  },
}

export const skippedThere: Rule = {
  code: 'WI216',
  title: 'The containers to be skipped are there, and others are left',
  look(workload) {
    const given = annotationsOf(workload)[skipKey]
    if (given === undefined || !isLabelled(workload)) return []
    const names = containersOf(workload).map(({ name }) => name)
    const skipped = skippedContainers(workload)
    const strange = skipped.filter((name) => !names.includes(name))
    const left = containersOf(workload).filter(
      ({ list, name }) => list === 'containers' && !skipped.includes(name),
    )
    const at = inTemplate(workload, 'metadata', 'annotations', skipKey)
    if (left.length === 0)
      return [
        {
          detail: `${titleOf(workload)}: ${skipKey} leaves out every container, so none gets a token`,
          is: String(given),
          should: 'only those that need no token',
          at,
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
        detail: `${titleOf(workload)}: ${skipKey} names ${strange.map((each) => JSON.stringify(each)).join(', ')}, and there is no such container${String(given).includes(',') ? ' (names are parted by ";")' : ''}`,
        is: String(given),
        should: next ?? `some of ${names.join(';')}`,
        at,
        edit: next === null ? 'take it away, or name containers' : `write "${next}"`,
        change: { template: { metadata: { annotations: { [skipKey]: next } } } },
        warning: true,
      } satisfies Fault,
    ]
  },
}
