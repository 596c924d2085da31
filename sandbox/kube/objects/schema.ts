const atomicMaps = new Set([
  'selector',
  'nodeSelector',
  'labelSelector',
  'namespaceSelector',
  'objectSelector',
  'podSelector',
  'secretKeyRef',
  'configMapKeyRef',
  'fieldRef',
  'resourceFieldRef',
  'roleRef',
])

const mapKeysByField: Record<string, string[]> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  volumes: ['name'],
  volumeMounts: ['mountPath'],
  imagePullSecrets: ['name'],
  secrets: ['name'],
  webhooks: ['name'],
  ownerReferences: ['uid'],
  conditions: ['type'],
  hostAliases: ['ip'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
}

/** True for a map that has one owner and is replaced as a unit. */
export const isAtomicMap = (field: string): boolean => atomicMaps.has(field)

/** Returns the fields that identify a list's items, `set` if the value does, or `undefined` for an atomic list. */
export function listMapKeys(kind: string, field: string): string[] | 'set' | undefined {
  if (field === 'ports')
    return kind === 'Service'
      ? ['port', 'protocol']
      : ['NetworkPolicy', 'Endpoints', 'EndpointSlice'].includes(kind)
        ? undefined
        : ['containerPort', 'protocol']
  return field === 'finalizers' ? 'set' : mapKeysByField[field]
}
