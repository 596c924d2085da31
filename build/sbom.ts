import type { BundledPackage } from './bundled-packages.ts'

interface Root {
  name: string
  version: string
  description: string
  license: string
}

const purl = (id: string) => `pkg:npm/${id.replace(/^@/, '%40')}`

const hexOf = (integrity: string) => Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex')

const licenses = (id: string) => [{ license: { id } }]

function component({ name, version, license, integrity }: BundledPackage) {
  const [scope, inScope] = name.startsWith('@') ? name.split('/') : [undefined, name]
  const ref = purl(`${name}@${version}`)
  return {
    type: 'library',
    'bom-ref': ref,
    ...(scope === undefined ? {} : { group: scope }),
    name: inScope,
    version,
    hashes: [{ alg: 'SHA-512', content: hexOf(integrity) }],
    licenses: licenses(license),
    purl: ref,
  }
}

/** Returns the software bill of materials (CycloneDX 1.6) of the bundle. The same packages give the same bytes. */
export function sbom(root: Root, packages: readonly BundledPackage[]): string {
  const rootRef = purl(`${root.name}@${root.version}`)
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: {
        type: 'application',
        'bom-ref': rootRef,
        name: root.name,
        version: root.version,
        description: root.description,
        licenses: licenses(root.license),
        purl: rootRef,
      },
    },
    components: packages.map(component),
    dependencies: [
      { ref: rootRef, dependsOn: packages.map(({ name, version }) => purl(`${name}@${version}`)) },
      ...packages.map(({ name, version, imports }) => ({
        ref: purl(`${name}@${version}`),
        dependsOn: imports.map(purl),
      })),
    ],
  }
  return `${JSON.stringify(document, undefined, 1)}\n`
}
