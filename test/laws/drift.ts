import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import type { Sandbox, SandboxState } from '../../sandbox/index.ts'
import { ActionRequiredError } from '../../src/base/action-required.ts'
import { request } from '../support/request.ts'
import { newSandbox } from '../support/sandbox.ts'
import { newTestRun } from '../support/test-run.ts'
import { type Held, holds, kinds, type Law } from './law.ts'

// biome-ignore lint/suspicious/noExplicitAny: any part of a world
type Part = any

/** One change that somebody could make: a whole thing removed, or a field of it changed or taken away. */
interface Change {
  about: string
  path: (string | number)[]
  to: unknown
}

const at = (world: SandboxState, path: Change['path']): Part =>
  path.reduce((part: Part, key) => part?.[key], world)

/** Somebody's `kubectl edit` or `kubectl delete`. False where the API server does not take it. */
async function edit(sandbox: Sandbox, { path, to }: Change): Promise<boolean> {
  const [, fqdn, , key, ...field] = path
  const { adminToken } = sandbox.state.clusters[fqdn!]!
  const [, version, plural, namespace, name] = /^(.*v\d\w*)\/([^/]+)\/([^/]*)\/(.+)$/.exec(String(key))!
  const root = `${sandbox.simulator.addresses.kube}/${fqdn}/${version!.includes('/') ? 'apis' : 'api'}/${version}`
  const url = `${root}${namespace ? `/namespaces/${namespace}` : ''}/${plural}/${name}?fieldManager=kubectl-edit`
  const pointer = field.map((each) => `/${String(each).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  const { status } = await request(sandbox, url, {
    method: field.length ? 'PATCH' : 'DELETE',
    token: adminToken,
    headers: { 'content-type': 'application/json-patch+json' },
    ...(field.length ? { body: JSON.stringify([{ op: 'replace', path: pointer, value: to }]) } : {}),
  })
  return status < 300
}

/** Changes the field, or removes it with `to` undefined. False where that cannot be. */
async function change(sandbox: Sandbox, each: Change): Promise<boolean> {
  const { state } = sandbox
  const { path, to } = each
  if (path[0] === 'clusters') return edit(sandbox, each)
  const holder = at(state, path.slice(0, -1))
  const key = path.at(-1)!
  // What stands behind a cluster goes with it.
  if (/\/managedclusters\//.test(String(key))) state.clusters = {}
  if (to !== undefined) holder[key] = to
  else if (Array.isArray(holder)) holder.splice(Number(key), 1)
  else delete holder[key]
  return true
}

/** What the services say by themselves, and nobody can change. */
const theirs =
  /^(id|name|type|uid|kind|apiVersion|namespace|e[tT]ag|systemData|provisioningState|vaultUri|tenantId|principalId|clientId|fqdn|azurePortalFQDN|creationTimestamp|resourceVersion|generation|managedFields|status|nodeResourceGroup|issuerURL|ownerReferences|uniqueName|appId|displayName|publisherDomain|createdDateTime|location|resourceUID|clusterIP|clusterIPs|objectId)$/

/** Leaves of a thing that carry a text or a switch. */
function* leaves(of: Part, path: Change['path']): Generator<Change['path']> {
  for (const [key, value] of Object.entries(of ?? {})) {
    if (theirs.test(key)) continue
    const here = [...path, Array.isArray(of) ? Number(key) : key]
    if (typeof value === 'object' && value !== null) yield* leaves(value, here)
    else if (typeof value === 'string' || typeof value === 'boolean') yield here
  }
}

function* changesOf(world: SandboxState): Generator<Change> {
  const ours = (tags: Part) => tags?.['managed-by'] === 'wi-setup'
  const fields = function* (about: string, path: Change['path']): Generator<Change> {
    for (const leaf of leaves(at(world, path), path)) {
      const is = at(world, leaf)
      const where = leaf.slice(path.length).join('.')
      // A policy takes known permissions only.
      const other = where.includes('permissions') ? 'backup' : `${is}x`
      yield { about: `${about} ${where}`, path: leaf, to: typeof is === 'boolean' ? !is : other }
    }
  }
  for (const [id, { body }] of Object.entries(world.arm.resources)) {
    if (!ours(body.tags)) continue
    const type = body.type.split('/').at(-1)!
    yield { about: `${type} gone`, path: ['arm', 'resources', id], to: undefined }
    yield* fields(`${type} tags`, ['arm', 'resources', id, 'body', 'tags'])
    yield* fields(type, ['arm', 'resources', id, 'credentials'])
    for (const part of ['oidcIssuerProfile', 'securityProfile', 'accessPolicies'])
      yield* fields(`${type} ${part}`, ['arm', 'resources', id, 'body', 'properties', part])
  }
  for (const [id, { body }] of Object.entries(world.arm.groups))
    if (ours(body.tags)) yield* fields('group tags', ['arm', 'groups', id, 'body', 'tags'])
  for (const [id, { extra }] of Object.entries(world.arm.roleAssignments))
    if (/wi-setup/.test(String(extra.description)))
      yield { about: 'role assignment gone', path: ['arm', 'roleAssignments', id], to: undefined }
  for (const id of Object.keys(world.arm.providers))
    yield { about: `provider ${id} unregistered`, path: ['arm', 'providers', id], to: undefined }
  for (const [id, { uniqueName, credentials }] of Object.entries(world.directory.applications)) {
    if (!uniqueName) continue
    yield* fields('credential', ['directory', 'applications', id, 'credentials'])
    yield* fields('application tags', ['directory', 'applications', id, 'body', 'tags'])
    for (const index of credentials.keys())
      yield {
        about: 'credential gone',
        path: ['directory', 'applications', id, 'credentials', index],
        to: undefined,
      }
  }
  for (const [id, { type, body }] of Object.entries(world.directory.servicePrincipals))
    if (type === 'Application' && (body.tags as string[] | undefined)?.includes('managed-by:wi-setup'))
      yield { about: 'service principal gone', path: ['directory', 'servicePrincipals', id], to: undefined }
  for (const [vault, { secrets }] of Object.entries(world.vaults))
    for (const name of Object.keys(secrets))
      yield { about: 'secret gone', path: ['vaults', vault, 'secrets', name], to: undefined }
  for (const [fqdn, { objects }] of Object.entries(world.clusters))
    for (const [key, object] of Object.entries(objects)) {
      if (object.metadata.labels?.['app.kubernetes.io/managed-by'] !== 'wi-setup') continue
      if (['Pod', 'ReplicaSet', 'Endpoints', 'EndpointSlice', 'Event'].includes(object.kind)) continue
      const path = ['clusters', fqdn, 'objects', key]
      if (object.kind !== 'Namespace') yield { about: `${object.kind} gone`, path, to: undefined }
      for (const part of ['labels', 'annotations'])
        yield* fields(`${object.kind} ${part}`, [...path, 'metadata', part])
      for (const part of ['data', 'spec']) yield* fields(object.kind, [...path, part])
    }
}

/**
 * Whatever is changed behind our back: plan names it and apply mends it, or it is others' and stays as it was changed;
 * the proof then holds, or names what no set-up may change by itself.
 */
export const drift: Law = {
  name: '5    any field changed behind our back is named and mended; what is not named is left',
  async *cases() {
    for (const over of Object.values(kinds)) yield* ofKind(over)
  },
}

async function* ofKind(over: (typeof kinds)[string]): AsyncGenerator<Held> {
  const sandbox = await newSandbox()
  const first = await newTestRun(over, { sandbox })
  await first.apply()
  await first.verify(5000)
  const whole = structuredClone(sandbox.state)
  for (const each of [...changesOf(whole)]) {
    Object.assign(sandbox.state, structuredClone(whole))
    const is = at(whole, each.path)
    if (!(await change(sandbox, each))) continue
    yield await holds(each.about, async () => {
      const job = await newTestRun(over, { sandbox })
      job.run.polling.timeoutFactor = 0.05
      try {
        const plan = await job.plan()
        const named = plan.items.filter(({ action }) => action !== 'keep')
        await job.apply(plan)
        const after = at(sandbox.state, each.path)
        for (const { changes } of named)
          for (const { field, is, want } of changes)
            assert.ok(field && is !== want, `${field}: ${is} → ${want}`)
        if (named.length === 0 && each.to !== undefined)
          assert.ok(
            isDeepStrictEqual(after, each.to) || isDeepStrictEqual(after, is),
            'changed without a word',
          )
        const left = (await job.plan()).items.filter(({ action }) => action !== 'keep').map(({ id }) => id)
        assert.deepEqual(left, [], `named ${named.map(({ id }) => id)}, but not mended`)
        const broken = (await job.verify(4000)).filter(({ status }) => status === 'fail')
        assert.deepEqual(
          broken.map(({ code, detail }) => `${code} ${detail}`),
          [],
          `named ${named.map(({ id }) => id)}`,
        )
      } catch (error) {
        // A clear word before the first write is an answer too.
        if (!(error instanceof ActionRequiredError && error.remedy)) throw error
      }
    })
  }
  await sandbox.close()
}
