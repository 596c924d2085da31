import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseManifests } from '../../../../src/checks/workloads/parsed-manifest.ts'
import { manifestFaults } from '../../../support/workloads/faults.ts'
import { healthyWorkloads, type KubeObject, workloadKinds, yaml } from '../../../support/workloads/healthy.ts'
import { lintText } from '../../../support/workloads/lint-text.ts'

const folder = new URL('./manifests/', import.meta.url)
const file = (name: string) => readFileSync(new URL(name, folder), 'utf8')

const account: KubeObject = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: {
    name: 'checkout',
    namespace: 'shop',
    annotations: { 'azure.workload.identity/client-id': '6d1e2f30-1111-4222-8333-444455556666' },
  },
}

test('reports nothing for healthy manifests of each kind', async () => {
  const { found, skipped, workloads } = await lintText(
    yaml(account, ...workloadKinds.map((kind) => healthyWorkloads[kind]())),
  )
  assert.deepEqual(found, [])
  assert.deepEqual(
    skipped.map(({ code, detail }) => [code, detail]),
    ['WI213', 'WI208', 'WI204'].map((code) => [code, 'needs a cluster']),
  )
  assert.equal(workloads.length, workloadKinds.length)
})

const healthyFiles = readdirSync(folder).filter((name) => name !== 'faults.yaml')
for (const name of healthyFiles)
  test(`reports nothing for ${name}`, async () => {
    const { found, workloads, leftAlone } = await lintText(file(name))
    assert.deepEqual(found, [])
    if (name === 'crontab.yaml') {
      assert.deepEqual(workloads, [])
      assert.deepEqual(leftAlone, ['CronTab shop/web (stable.example.com/v1): unknown kind'])
    } else assert.ok(workloads.length)
    if (name === 'helm-rendered.yaml') {
      assert.deepEqual(workloads, [
        'Deployment default/release-name-shop-web',
        'DaemonSet default/release-name-shop-agent',
      ])
      assert.deepEqual(leftAlone, ['2 workloads that do not use workload identity'])
    }
  })

for (const kind of workloadKinds)
  for (const fault of manifestFaults.filter(({ code }) => kind !== 'Pod' || code !== 'WI202'))
    test(`${fault.code}  ${kind}: ${fault.name}`, async () => {
      const object = healthyWorkloads[kind]()
      fault.break(object)
      const { found } = await lintText(yaml(account, object))
      assert.deepEqual(
        found.map(({ code, status }) => [code, status]),
        [[fault.code, fault.warns ? 'warn' : 'fail']],
        JSON.stringify(found),
      )
      assert.match(found[0]!.remedy!, /^shop\.yaml:\d+, document 2: \S/)
    })

test('reports file, line, document and field of each finding', async () => {
  const { found } = await lintText(file('faults.yaml'), { namespace: 'shop', account: 'checkout' })
  assert.deepEqual(found.map(({ code, remedy }) => [code, remedy]).sort(), [
    [
      'WI202',
      'shop.yaml:12, document 1: add azure.workload.identity/use: "true"   (spec.template.metadata.labels)',
    ],
    [
      'WI203',
      'shop.yaml:35, document 2: set serviceAccountName: checkout   (spec.jobTemplate.spec.template.spec.serviceAccountName)',
    ],
    [
      'WI207',
      'shop.yaml:41, document 2: read AZURE_FEDERATED_TOKEN_FILE instead   (spec.jobTemplate.spec.template.spec.containers[0].env[0])',
    ],
    [
      'WI212',
      'shop.yaml:32, document 2: set it to "true", with quotes   (spec.jobTemplate.spec.template.metadata.labels)',
    ],
    [
      'WI224',
      'shop.yaml:34, document 2: set it to "3600", or remove it   (spec.jobTemplate.spec.template.metadata.annotations)',
    ],
  ])
  const lines = file('faults.yaml').split('\n')
  assert.match(lines[11]!, /labels:/)
  assert.match(lines[31]!, /use: true/)
  assert.match(lines[33]!, /1h/)
  assert.match(lines[40]!, /azure-identity-token|TOKEN/)
})

test('a path in a List includes its items', async () => {
  const object: KubeObject = healthyWorkloads.Deployment()
  delete object.spec.template.metadata.labels['azure.workload.identity/use']
  const { found } = await lintText(yaml({ apiVersion: 'v1', kind: 'List', items: [account, object] }))
  assert.match(found[0]!.remedy!, /^shop\.yaml:\d+: add .*\(items\[1\]\.spec\.template\.metadata\.labels\)$/)
})

test('reports what only a check in a cluster can tell', async () => {
  const { unseen } = await lintText(yaml(healthyWorkloads.Deployment()))
  assert.deepEqual(unseen, [
    'service account shop/checkout',
    'the webhook',
    'running pods',
    'image contents (SDK versions)',
  ])
  assert.ok(
    !(await lintText(yaml(account, healthyWorkloads.Deployment()))).unseen.some((each) =>
      /account/.test(each),
    ),
  )
})

test('rejects files that are not manifests, with the line', () => {
  const parse = (text: string) => () => parseManifests({ file: 'shop.yaml', text })
  assert.throws(parse('a: [1\nb: 2\n'), /^ManifestError: shop\.yaml:\d+: /)
  assert.throws(
    parse('kind: Pod\n'),
    /shop\.yaml:1: is not a Kubernetes object: kind or metadata\.name is missing/,
  )
  assert.throws(parse('just words\n'), /shop\.yaml:1: is not a Kubernetes object/)
  assert.throws(parse('\0\u0001'), /shop\.yaml:1: is not a text file/)
  assert.throws(parse('{% raw %}\na: b\n{% endraw %}\n'), /shop\.yaml:1: is a template\. Render it first/)
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x,x]',
    ...'bcde'.split('').map((each, index) => {
      const before = 'abcd'[index]
      return `${each}: &${each} [${Array(10).fill(`*${before}`)}]`
    }),
  ].join('\n')
  assert.throws(parse(bomb), /^ManifestError: shop\.yaml:1: is not readable YAML: /)
  // Braces in a string don't turn a syntax error into a template.
  assert.throws(
    parse('kind: X\nmetadata: { name: x }\nspec: "{{ $labels.pod }}"\n---\na: [1\nb: 2\n'),
    /shop\.yaml:\d+: is not valid YAML: /,
  )
  assert.throws(
    parse('apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n'),
    /shop\.yaml:4: is a template\. Render it first \(helm template\)/,
  )
  assert.deepEqual(parse('# nothing\n---\n\n---\n')(), [])
})

test('accepts duplicate keys, merge keys, generateName, CRLF and a byte order mark, as kubectl does', async () => {
  const object: KubeObject = healthyWorkloads.Job()
  delete object.metadata.name
  object.metadata.generateName = 'report-'
  assert.deepEqual((await lintText(yaml(account, object))).workloads, ['Job shop/report-…'])
  const text = yaml(account, healthyWorkloads.Deployment())
  assert.equal(
    (await lintText(text.replace(/^( +azure.workload.identity.use:.*)$/m, '$1\n$1'))).found.length,
    0,
  )
  assert.equal((await lintText(`\ufeff${text.replaceAll('\n', '\r\n')}`)).found.length, 0)
  const merged = text.replace(
    /^( +)azure.workload.identity.use:.*$/m,
    '$1<<: {azure.workload.identity/use: "true"}',
  )
  assert.match(merged, /<<:/)
  assert.deepEqual((await lintText(merged)).found, [])
})

test('ignores patches of workloads', async () => {
  const object: KubeObject = healthyWorkloads.Deployment()
  for (const container of object.spec.template.spec.containers) delete container.image
  delete object.spec.template.spec.serviceAccountName
  const { found, workloads, leftAlone } = await lintText(yaml(object))
  assert.deepEqual([found, workloads], [[], []])
  assert.match(leftAlone[0]!, /^Deployment shop\/\w+: no image, so probably a Kustomize patch/)
  delete object.spec.template.metadata.labels['azure.workload.identity/use']
  assert.deepEqual((await lintText(yaml(object))).leftAlone, [
    '1 workload that does not use workload identity',
  ])
})

test('WI203  reports default, explicit or not', async () => {
  const findings = async (spec: KubeObject) => {
    const object: KubeObject = healthyWorkloads.Deployment()
    delete object.spec.template.spec.serviceAccountName
    Object.assign(object.spec.template.spec, spec)
    return (await lintText(yaml(object))).found.map(({ code, detail }) => [code, detail])
  }
  assert.deepEqual(await findings({}), [
    ['WI203', 'Deployment shop/web sets no service account, so its pods run as default'],
  ])
  assert.deepEqual(await findings({ serviceAccountName: 'default' }), [
    ['WI203', 'Deployment shop/web runs as default, the service account that pods get if none is set'],
  ])
})

test('lists objects of unknown kinds that create pods', async () => {
  const template = healthyWorkloads.Deployment().spec.template
  const object = (kind: string, spec: KubeObject) => ({
    apiVersion: 'x.example/v1',
    kind,
    metadata: { name: 'web', namespace: 'shop' },
    spec,
  })
  const { leftAlone } = await lintText(
    yaml(
      object('ScaledJob', { jobTargetRef: { template } }),
      object('Service', { template }),
      object('Widget', {}),
    ),
  )
  assert.deepEqual(leftAlone, [
    'ScaledJob shop/web (x.example/v1): unknown kind',
    'Service shop/web (x.example/v1): unknown kind',
  ])
})

test('does not report placeholders that another tool replaces', async () => {
  const other = (value: string) => ({
    ...account,
    metadata: { ...account.metadata, annotations: { 'azure.workload.identity/client-id': value } },
  })
  const codes = async (value: string) =>
    (await lintText(yaml(other(value), healthyWorkloads.Deployment()))).found.map(({ code }) => code)
  for (const value of [
    ['$', '{CLIENT_ID}'].join(''),
    '$(CLIENT_ID)',
    '$CLIENT_ID',
    '#{CLIENT_ID}#',
    '__CLIENT_ID__',
    '<path:kv#id>',
  ])
    assert.deepEqual(await codes(value), [], value)
  for (const value of ['<YOUR_CLIENT_ID>', 'my-identity'])
    assert.deepEqual(await codes(value), ['WI214'], value)
})

test('reports the line of the key, below comments and of the last duplicate', async () => {
  const text = [
    'apiVersion: apps/v1',
    'kind: Deployment',
    'metadata: { name: web, namespace: shop }',
    'spec:',
    '  template:',
    '    metadata:',
    '      labels:',
    '        # for Azure',
    '',
    '        azure.workload.identity/use: "false"',
    '        azure.workload.identity/use: "yes"',
    '    spec:',
    '      # as it is',
    '      containers:',
    '      - image: x',
    '        name: x',
    '',
  ].join('\n')
  const { found } = await lintText(text)
  assert.deepEqual(
    found.map(({ code, remedy }) => [code, remedy!.split(': ')[0]]),
    [
      ['WI212', 'shop.yaml:11'],
      ['WI203', 'shop.yaml:12'],
    ],
  )
  const {
    found: [missing],
  } = await lintText(
    text
      .replaceAll(/use: "\w+"/g, 'x: y')
      .replace('shop }', 'shop, labels: {azure.workload.identity/use: "true"} }'),
  )
  assert.match(missing!.remedy!, /^shop\.yaml:7: add/)
})

test('any value in a field leads to a finding or an error with a line, never a crash', async () => {
  const wrongValues: unknown[] = [null, 5, 'x', {}, [null]]
  let cases = 0
  const replaceFields = async (object: KubeObject, parent: KubeObject, key: string | number) => {
    const before = parent[key]
    for (const value of wrongValues) {
      parent[key] = value
      cases += 1
      await lintText(yaml(account, object)).catch((error) =>
        assert.equal(error.name, 'ManifestError', error.stack),
      )
    }
    parent[key] = before
    if (typeof before === 'object' && before !== null)
      for (const inner of Object.keys(before)) await replaceFields(object, before, inner)
  }
  for (const kind of ['Deployment', 'Pod'] as const) {
    const object: KubeObject = healthyWorkloads[kind]()
    for (const fault of manifestFaults.filter(({ code }) =>
      ['WI207', 'WI219', 'WI215', 'WI602', 'WI218'].includes(code),
    ))
      fault.break(object)
    for (const key of Object.keys(object)) await replaceFields(object, object, key)
  }
  assert.ok(cases > 300, `${cases} cases`)
})

test('warns if the service account was meant to have a client ID', async () => {
  const id = '6d1e2f30-1111-4222-8333-444455556666'
  const withAnnotations = (annotations: Record<string, string>): KubeObject => ({
    ...account,
    metadata: { name: 'checkout', namespace: 'shop', annotations },
  })
  const service: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop', annotations: { 'azure.workload.identity/client-id': id } },
  }
  const cases: [objects: KubeObject[], text: RegExp | undefined][] = [
    [
      [withAnnotations({ 'azure.workload.identity/clientId': id })],
      /but it has \S+\/clientId, which the webhook ignores/,
    ],
    [
      [withAnnotations({ 'azure.workload.identity/Client-ID': id })],
      /but it has \S+\/Client-ID, which the webhook ignores/,
    ],
    [[withAnnotations({ 'azure.workload.identity/tenant-id': id })], /but it has \S+\/tenant-id$/],
    [[withAnnotations({}), service], /but Service shop\/web has it, where the webhook ignores it/],
    // Further ones from public threads.
    ...['azure.workload.identity/client_id', 'azure.workload.identity/managed-identity'].map(
      (key): [KubeObject[], RegExp] => [[withAnnotations({ [key]: id })], new RegExp(`but it has ${key}, `)],
    ),
    ...[
      'azure.workload.identity.io/client-id',
      'azure-workload-identity/client-id',
      'workload.identity.azure/client-id',
      'azure.workloadidentity/clientId',
    ].map((key): [KubeObject[], RegExp] => [
      [withAnnotations({ [key]: id })],
      new RegExp(`but it has ${key}, which the webhook ignores`),
    ]),
    [
      [
        {
          ...account,
          metadata: {
            name: 'checkout',
            namespace: 'shop',
            labels: { 'azure.workload.identity/client-id': id },
          },
        },
      ],
      /but it has the label azure\.workload\.identity\/client-id, which the webhook ignores/,
    ],
    [
      [{ ...withAnnotations({}), annotations: { 'azure.workload.identity/client-id': id } }],
      /but it has the annotation outside of metadata/,
    ],
    [
      [
        withAnnotations({}),
        {
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: 'shop', annotations: { 'azure.workload.identity/client-id': id } },
        },
      ],
      /but Namespace shop has it, where the webhook ignores it/,
    ],
    [[withAnnotations({ 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/x' })], undefined],
    [[withAnnotations({ 'example.com/client-id': id })], undefined],
    // `federate` may add it later.
    [[withAnnotations({})], undefined],
  ]
  for (const [objects, text] of cases) {
    const { found } = await lintText(yaml(...objects, healthyWorkloads.Deployment()))
    assert.deepEqual(
      found.map(({ code, status }) => [code, status]),
      text ? [['WI214', 'warn']] : [],
    )
    if (text) assert.match(found[0]!.detail, text)
  }
  const own = healthyWorkloads.Deployment()
  own.spec.template.spec.containers[0].env = [{ name: 'AZURE_CLIENT_ID', value: id }]
  const { found } = await lintText(yaml(withAnnotations({ 'azure.workload.identity/tenant-id': id }), own))
  assert.ok(!found.some(({ code }) => code === 'WI214'))
})

test('the IDs of identity and tenant are the same in capitals', async () => {
  const object = healthyWorkloads.Deployment()
  const id = account.metadata.annotations['azure.workload.identity/client-id']
  object.spec.template.spec.containers[0].env = [{ name: 'AZURE_CLIENT_ID', value: id.toUpperCase() }]
  assert.deepEqual((await lintText(yaml(account, object))).found, [])
})

test('names objects of other controllers that configure workload identity', async () => {
  const metadata = { name: 'x', namespace: 'shop' }
  const objects: [spec: unknown, isNamed: boolean][] = [
    [{ provider: { azurekv: { authType: 'WorkloadIdentity' } } }, true],
    [{ podIdentity: { provider: 'azure-workload' } }, true],
    [
      { serviceAccountTemplate: { metadata: { annotations: { 'azure.workload.identity/client-id': 'a' } } } },
      true,
    ],
    [{ inheritedMetadata: { labels: { 'azure.workload.identity/use': 'true' } } }, true],
    [{ serviceAccountName: 'checkout', replicas: 2 }, true],
    [{ serviceAccountName: 'other', replicas: 2 }, false],
    [{ provider: { aws: {} } }, false],
  ]
  for (const [spec, isNamed] of objects) {
    const object = { apiVersion: 'example.com/v1', kind: 'Thing', metadata, spec } as KubeObject
    const { leftAlone } = await lintText(yaml(account, object))
    assert.deepEqual(
      leftAlone,
      isNamed
        ? [
            'Thing shop/x (example.com/v1): has workload identity settings, which are not checked for this kind',
          ]
        : ['ServiceAccount shop/checkout: has a client ID, but nothing in these files runs as it'],
      JSON.stringify(spec),
    )
  }
})
