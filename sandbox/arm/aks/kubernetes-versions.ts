import type { Reply } from '../../http.ts'
import { AksError } from '../errors.ts'
import type { ArmRequest } from '../request.ts'

const official = ['KubernetesOfficial', 'AKSLongTermSupport']

/** The versions that AKS offers, with their patches (newest last) and support plans. */
const offered = [
  { minor: '1.32', patches: ['1.32.9', '1.32.10'], plans: ['AKSLongTermSupport'] },
  { minor: '1.33', patches: ['1.33.5', '1.33.6'], plans: official },
  { minor: '1.34', patches: ['1.34.1', '1.34.2'], plans: official, isDefault: true },
  { minor: '1.35', patches: ['1.35.0'], plans: official },
]

export const defaultMinor = offered.find(({ isDefault }) => isDefault)!.minor

/** Returns a number that orders minor versions: 1034 for `1.34.2`. */
export const minorOrder = (version: string) => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major * 1000 + minor
}

/** Returns the patch version for `1.34` (its newest) or `1.34.2`. Throws `AksError` for a version that is not offered. */
export function patchFor(version: string, options: { cluster: string; supportPlan: unknown }): string {
  const found = offered.find(({ minor, patches }) => minor === version || patches.includes(version))
  if (!found)
    throw new AksError(
      400,
      'K8sVersionNotSupported',
      `Managed cluster ${options.cluster} is on version ${version} which is not supported in this region. Please use [az aks get-versions] command to get the supported version list in this region. For more information, please check https://aka.ms/supported-version-list`,
    )
  const patch = found.minor === version ? found.patches.at(-1)! : version
  if (
    !found.plans.includes(
      options.supportPlan === 'AKSLongTermSupport' ? 'AKSLongTermSupport' : 'KubernetesOfficial',
    )
  )
    throw new AksError(
      400,
      'K8sVersionNotSupported',
      `Managed cluster ${options.cluster} is on version ${patch}, which is only available for Long-Term Support (LTS). If you intend to onboard to LTS, please ensure the cluster is in Premium tier and LTS support plan. Otherwise, use [az aks get-versions] command to get the supported version list in this region. For more information, please check https://aka.ms/supported-version-list`,
    )
  return patch
}

/** Returns the versions that a cluster can be upgraded to: newer patches, and those of the next minor version. */
export function upgradesFrom(version: string): string[] {
  const at = offered.findIndex(({ patches }) => patches.includes(version))
  const patches = offered[at]?.patches ?? []
  return [...patches.slice(patches.indexOf(version) + 1), ...(offered[at + 1]?.patches ?? [])]
}

/** `GET …/locations/:location/kubernetesVersions`: a member `values`, without pages. */
export const kubernetesVersions = (_: ArmRequest): Reply => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: {
    values: offered.map(({ minor, patches, plans, isDefault }) => ({
      version: minor,
      ...(isDefault && { isDefault }),
      capabilities: { supportPlan: plans },
      patchVersions: Object.fromEntries(patches.map((patch) => [patch, { upgrades: upgradesFrom(patch) }])),
    })),
  },
})
