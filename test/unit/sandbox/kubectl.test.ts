import assert from 'node:assert/strict'
import { request as open } from 'node:https'
import { after, before, test } from 'node:test'
import type { Sandbox } from '../../../sandbox/index.ts'
import { openKube } from '../../support/kube-session.ts'
import { request } from '../../support/request.ts'
import { newSandbox } from '../../support/sandbox.ts'
import { waitUntil } from '../../support/wait-until.ts'

// Requests of kubectl 1.32, byte by byte where it sends protobuf.

let sandbox: Sandbox
let kube: Awaited<ReturnType<typeof openKube>>
let server: string
let token: string
before(async () => {
  sandbox = await newSandbox()
  kube = await openKube(sandbox)
  server = kube.config.clusters[0].cluster.server
  token = kube.config.users[0].user.token
})
after(() => sandbox.close())

// biome-ignore lint/suspicious/noExplicitAny: specs of every kind
const created: { command: string; path: string; body: string; take: (spec: any) => unknown; is: unknown }[] =
  [
    {
      command: 'create job j9 --image=busybox -- true',
      path: '/apis/batch/v1/namespaces/default/jobs',
      body: [
        'azhzAAoPCghiYXRjaC92MRIDSm9iEoABChIKAmo5EgAaACIAKgAyADgAQgASYDJeChAKABIAGgAiACoAMgA4AEIAEkoS',
        'JwoCajkSB2J1c3lib3gaBHRydWUqAEIAagByAIABAIgBAJABAKIBABoFTmV2ZXIyAEIASgBSAFgAYABoAIIBAIoBAJoB',
        'AMIBABoIIAAoADAAOgAaACIA',
      ].join(''),
      take: (spec) => [
        spec.template.spec.containers[0].image,
        spec.template.spec.containers[0].command,
        spec.template.spec.restartPolicy,
      ],
      is: ['busybox', ['true'], 'Never'],
    },
    {
      command: 'create cronjob cj9 --image=busybox --schedule=@daily -- true',
      path: '/apis/batch/v1/namespaces/default/cronjobs',
      body: [
        'azhzAAoTCghiYXRjaC92MRIHQ3JvbkpvYhKiAQoTCgNjajkSABoAIgAqADIAOABCABKIAQoGQGRhaWx5GgAqfAoTCgNj',
        'ajkSABoAIgAqADIAOABCABJlMmMKEAoAEgAaACIAKgAyADgAQgASTxIoCgNjajkSB2J1c3lib3gaBHRydWUqAEIAagBy',
        'AIABAIgBAJABAKIBABoJT25GYWlsdXJlMgBCAEoAUgBYAGAAaACCAQCKAQCaAQDCAQAaABoAIgA=',
      ].join(''),
      take: (spec) => [spec.schedule, spec.jobTemplate.spec.template.spec.containers[0].image],
      is: ['@daily', 'busybox'],
    },
    {
      command: 'create ingress i9 --rule=a.b/x*=web:80,tls=t',
      path: '/apis/networking.k8s.io/v1/namespaces/default/ingresses',
      body: [
        'azhzAAofChRuZXR3b3JraW5nLms4cy5pby92MRIHSW5ncmVzcxJMChIKAmk5EgAaACIAKgAyADgAQgASMhIICgNhLmIS',
        'AXQaJgoDYS5iEh8KHQobCgIveBINIgsKA3dlYhIECgAQUBoGUHJlZml4GgIKABoAIgA=',
      ].join(''),
      take: (spec) => spec,
      is: {
        tls: [{ hosts: ['a.b'], secretName: 't' }],
        rules: [
          {
            host: 'a.b',
            http: {
              paths: [
                {
                  path: '/x',
                  pathType: 'Prefix',
                  backend: { service: { name: 'web', port: { number: 80 } } },
                },
              ],
            },
          },
        ],
      },
    },
    {
      command: 'create quota q9 --hard=pods=5,cpu=500m',
      path: '/api/v1/namespaces/default/resourcequotas',
      body: [
        'azhzAAoTCgJ2MRINUmVzb3VyY2VRdW90YRI0ChIKAnE5EgAaACIAKgAyADgAQgASHAoNCgNjcHUSBgoENTAwbQoLCgRw',
        'b2RzEgMKATUaABoAIgA=',
      ].join(''),
      take: (spec) => spec.hard,
      is: { pods: '5', cpu: '500m' },
    },
    {
      command: 'create pdb p9 --selector=app=web --min-available=50%',
      path: '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
      body: [
        'azhzAAogCglwb2xpY3kvdjESE1BvZERpc3J1cHRpb25CdWRnZXQSOwoSCgJwORIAGgAiACoAMgA4AEIAEhkKCQgBEAAa',
        'AzUwJRIMCgoKA2FwcBIDd2ViGgoIABgAIAAoADAAGgAiAA==',
      ].join(''),
      take: (spec) => spec,
      is: { minAvailable: '50%', selector: { matchLabels: { app: 'web' } } },
    },
    {
      command: 'create service nodeport s9 --tcp=80:http',
      path: '/api/v1/namespaces/default/services',
      body: [
        'azhzAAoNCgJ2MRIHU2VydmljZRJoCh0KAnM5EgAaACIAKgAyADgAQgBaCQoDYXBwEgJzORJDCh4KBzgwLWh0dHASA1RD',
        'UBhQIgoIARAAGgRodHRwKAASCQoDYXBwEgJzORoAIghOb2RlUG9ydDoAQgBSAFoAYABoABoCCgAaACIA',
      ].join(''),
      take: (spec) => [spec.type, spec.ports],
      is: ['NodePort', [{ name: '80-http', port: 80, protocol: 'TCP', targetPort: 'http' }]],
    },
    {
      command: 'create service externalname e9 --external-name=a.b',
      path: '/api/v1/namespaces/default/services',
      body: [
        'azhzAAoNCgJ2MRIHU2VydmljZRJPCh0KAmU5EgAaACIAKgAyADgAQgBaCQoDYXBwEgJlORIqEgkKA2FwcBICZTkaACIM',
        'RXh0ZXJuYWxOYW1lOgBCAFIDYS5iWgBgAGgAGgIKABoAIgA=',
      ].join(''),
      take: (spec) => [spec.type, spec.externalName, spec.clusterIP],
      is: ['ExternalName', 'a.b', undefined],
    },
  ]

test('objects created in protobuf equal those created in JSON', async () => {
  for (const { command, path, body, take, is } of created) {
    const answer = await request(sandbox, `${server}${path}`, {
      method: 'POST',
      token,
      headers: { 'content-type': 'application/vnd.kubernetes.protobuf' },
      body: Buffer.from(body, 'base64'),
    })
    assert.equal(answer.status, 201, `${command} ${JSON.stringify(answer.body)}`)
    assert.deepEqual(take(answer.body.spec), is, command)
  }
})

const pods = '/api/v1/namespaces/default/pods'

test('unsupported pod subresources return a Status, also to protocol upgrades', async () => {
  await kube.call('POST', pods, {
    metadata: { name: 'still' },
    spec: { containers: [{ name: 'c', image: 'busybox' }] },
  })
  for (const part of ['exec', 'attach', 'portforward']) {
    for (const [method, headers] of [
      ['GET', { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-key': 'eA==' }],
      ['POST', { upgrade: 'SPDY/3.1', connection: 'Upgrade' }],
    ] as const) {
      const { status, body } = await request(sandbox, `${server}${pods}/still/${part}?command=ls`, {
        method,
        token,
        headers,
      })
      assert.deepEqual(
        [status, body.kind, body.reason],
        [501, 'Status', 'NotImplemented'],
        `${method} ${part}`,
      )
      assert.match(body.message, new RegExp(`^the sandbox does not simulate pods/${part}: `))
    }
  }
  assert.equal((await kube.call('POST', `${pods}/still/exec`)).status, 501)
  assert.equal((await kube.call('POST', `${pods}/nobody/exec`)).status, 404)
  assert.equal((await kube.call('GET', `${pods}/still/nonsense`)).status, 404)
})

test('a log is followed until the pod is deleted; without an earlier process there is no previous log', async () => {
  await kube.call('POST', '/api/v1/namespaces/default/configmaps', {
    metadata: { name: 'script' },
    data: { 's.mjs': 'console.log("begun"); let n = 0; setInterval(() => console.log("line", ++n), 50)' },
  })
  await kube.call('POST', pods, {
    metadata: { name: 'talker' },
    spec: {
      containers: [
        {
          name: 'c',
          image: 'node:24',
          command: ['node', '/s/s.mjs'],
          volumeMounts: [{ name: 's', mountPath: '/s' }],
        },
      ],
      volumes: [{ name: 's', configMap: { name: 'script' } }],
    },
  })
  await kube.call('GET', pods)
  const previous = await kube.call('GET', `${pods}/talker/log?previous=true`)
  assert.equal(previous.status, 400)
  assert.equal(previous.body.message, 'previous terminated container "c" in pod "talker" not found')
  let output = ''
  const ended = new Promise<void>((resolve, reject) => {
    const sent = open(
      `${server}${pods}/talker/log?follow=true`,
      { ca: sandbox.simulator.caPem, headers: { authorization: `Bearer ${token}` } },
      (response) => {
        response.on('data', (part) => {
          output += part
        })
        response.on('end', resolve)
      },
    )
    sent.on('error', reject)
    sent.end()
  })
  await waitUntil(() => output.includes('line 4'), 'the log of the pod')
  await kube.call('DELETE', `${pods}/talker`, { gracePeriodSeconds: 0 })
  await ended
  const lines = output.trimEnd().split('\n')
  assert.deepEqual(lines.slice(0, 4), ['begun', 'line 1', 'line 2', 'line 3'])
  assert.deepEqual(
    lines.slice(1),
    lines.slice(1).map((_, index) => `line ${index + 1}`),
    'each line once',
  )
})

test('the objects of a table have a kind, for kubectl get --sort-by', async () => {
  const { body } = await request(sandbox, `${server}/api/v1/namespaces?includeObject=Object`, {
    token,
    headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  })
  for (const { object } of body.rows)
    assert.deepEqual([object.kind, object.apiVersion], ['Namespace', 'v1'], object.metadata.name)
})

test('a pod that is meant to end completes, so helm test and kubectl wait return', async () => {
  const spec = { containers: [{ name: 'c', image: 'busybox', command: ['true'] }] }
  for (const [name, restartPolicy, phase] of [
    ['once', 'Never', 'Succeeded'],
    ['until', 'OnFailure', 'Succeeded'],
    ['ever', 'Always', 'Running'],
  ]) {
    await kube.call('POST', pods, { metadata: { name }, spec: { ...spec, restartPolicy } })
    assert.equal((await kube.call('GET', `${pods}/${name}`)).body.status.phase, phase, name)
  }
})

test('events expire after an hour', async () => {
  let now = Date.parse('2026-11-23T16:00:00Z')
  const later = await newSandbox({ clock: () => now })
  try {
    const { call } = await openKube(later)
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'x' }] } }
    await call('POST', '/apis/apps/v1/namespaces/default/deployments', {
      metadata: { name: 'd' },
      spec: { replicas: 1, selector: { matchLabels: { a: 'b' } }, template },
    })
    const countEvents = async () => (await call('GET', '/api/v1/namespaces/default/events')).body.items.length
    assert.ok((await countEvents()) > 0)
    now += 3_500_000
    assert.ok((await countEvents()) > 0)
    now += 200_000
    assert.equal(await countEvents(), 0)
    assert.equal((await call('GET', pods)).body.items.length, 1)
  } finally {
    await later.close()
  }
})

test('a list is sorted by name after writes and deletions', async () => {
  const maps = '/api/v1/namespaces/default/configmaps'
  const names = async () =>
    (await kube.call('GET', `${maps}?labelSelector=ordered`)).body.items.map(
      ({ metadata }: { metadata: { name: string } }) => metadata.name,
    )
  const make = (name: string) => kube.call('POST', maps, { metadata: { name, labels: { ordered: 'yes' } } })
  for (const name of ['m', 'c', 'x']) await make(name)
  assert.deepEqual(await names(), ['c', 'm', 'x'])
  await make('a')
  await kube.call('DELETE', `${maps}/m`)
  await kube.call('PUT', `${maps}/x`, {
    metadata: { name: 'x', labels: { ordered: 'yes' } },
    data: { k: 'v' },
  })
  await make('z')
  await make('m')
  await kube.call('DELETE', `${maps}/z`)
  assert.deepEqual(await names(), ['a', 'c', 'm', 'x'])
})
