import { stringify } from 'yaml'
import { kubernetesRules, type PolicyRule } from '../src/checks/kubernetes-rules.ts'

const marker =
  '# Permissions for verify, as printed by `wi-setup permissions --without-injection` (generated: npm run reference).\n'
const name = 'wi-setup-verify'
const apiGroup = 'rbac.authorization.k8s.io'
const apiVersion = `${apiGroup}/v1`

function roleWithBinding(kind: 'Role' | 'ClusterRole', rules: PolicyRule[], namespace?: string): object[] {
  const metadata = { name, ...(namespace ? { namespace } : {}) }
  const roleRef = { apiGroup, kind, name }
  const subjects = [{ kind: 'ServiceAccount', name, namespace: 'wi-setup' }]
  return [
    { apiVersion, kind, metadata, rules },
    { apiVersion, kind: `${kind}Binding`, metadata, roleRef, subjects },
  ]
}

/** Returns the manifest of the CronJob with the generated roles replaced by the program's current ones. */
export function withGeneratedRoles(manifest: string): string {
  const { namespace, webhook, cluster } = kubernetesRules(
    {
      namespace: 'shop',
      serviceAccount: 'checkout',
      webhook: 'auto',
      sample: false,
      context: 'inClusterContext',
    },
    'configuration',
  ).verify
  const roles = [
    ...roleWithBinding('Role', namespace, 'shop'),
    ...roleWithBinding('Role', webhook, 'kube-system'),
    ...roleWithBinding('ClusterRole', cluster),
  ].map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }))
  const handwritten = manifest.includes(marker)
    ? manifest.slice(0, manifest.indexOf(marker))
    : `${manifest.trimEnd()}\n---\n`
  return `${handwritten}${marker}${roles.join('---\n')}`
}
