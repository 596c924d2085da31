import type { KubeObject } from './healthy.ts'

/** Returns a CustomResourceDefinition whose schema accepts any spec, unless it is given. */
export const definition = (
  group: string,
  { kind, plural, version = 'v1' }: { kind: string; plural: string; version?: string },
  schema: KubeObject = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
): KubeObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope: kind.startsWith('Cluster') ? 'Cluster' : 'Namespaced',
    names: { kind, plural, singular: kind.toLowerCase() },
    versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: schema } }],
  },
})
