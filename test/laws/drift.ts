import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import type { Sandbox, SandboxState } from '../../sandbox/index.ts'
import { ActionRequiredError } from '../../src/base/action-required.ts'
import { request } from '../support/request.ts'
import { newSandbox } from '../support/sandbox.ts'
import { newTestRun } from '../support/test-run.ts'
import { type Law, type LawResult, lawResult, setUpKinds } from './law.ts'

// biome-ignore lint/suspicious/noExplicitAny: any part of the sandbox's state
type Part = any

/** A change by another user or tool: an object deleted, or a field changed or removed. */
interface Change {
  about: string
  path: (string | number)[]
  to: unknown
}

const at = (state: SandboxState, path: Change['path']): Part =>
  path.reduce((part: Part, key) => part?.[key], state)

/** Edits or deletes an object like kubectl. Returns false if the API server rejects it. */
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

/** Changes the field, or removes it if `to` is undefined. Returns false if that is impossible. */
async function change(sandbox: Sandbox, each: Change): Promise<boolean> {
  const { state } = sandbox
  const { path, to } = each
  if (path[0] === 'clusters') return edit(sandbox, each)
  const holder = at(state, path.slice(0, -1))
  const key = path.at(-1)!
  // A deleted cluster's objects are deleted with it.
  if (/\/managedclusters\//.test(String(key))) state.clusters = {}
  if (to !== undefined) holder[key] = to
  else if (Array.isArray(holder)) holder.splice(Number(key), 1)
  else delete holder[key]
  return true
}

/** Fields that the services set and nobody can change. */
const readOnlyFields =
  /^(id|name|type|uid|kind|apiVersion|namespace|e[tT]ag|systemData|provisioningState|vaultUri|tenantId|principalId|clientId|fqdn|azurePortalFQDN|creationTimestamp|resourceVersion|generation|managedFields|status|nodeResourceGroup|issuerURL|ownerReferences|uniqueName|appId|displayName|publisherDomain|createdDateTime|location|resourceUID|clusterIP|clusterIPs|objectId)$/

/** Returns the paths of strings and booleans. */
function* leaves(of: Part, path: Change['path']): Generator<Change['path']> {
  for (const [key, value] of Object.entries(of ?? {})) {
    if (readOnlyFields.test(key)) continue
    const here = [...path, Array.isArray(of) ? Number(key) : key]
    if (typeof value === 'object' && value !== null) yield* leaves(value, here)
    else if (typeof value === 'string' || typeof value === 'boolean') yield here
  }
}

function* changesOf(state: SandboxState): Generator<Change> {
  const isOwned = (tags: Part) => tags?.['managed-by'] === 'wi-setup'
  const fields = function* (about: string, path: Change['path']): Generator<Change> {
    for (const leaf of leaves(at(state, path), path)) {
      const is = at(state, leaf)
      const where = leaf.slice(path.length).join('.')
      // Access policies only accept known permissions.
      const other = where.includes('permissions') ? 'backup' : `${is}x`
      yield { about: `${about} ${where}`, path: leaf, to: typeof is === 'boolean' ? !is : other }
    }
  }
  for (const [id, { body }] of Object.entries(state.arm.resources)) {
    if (!isOwned(body.tags)) continue
    const type = body.type.split('/').at(-1)!
    yield { about: `${type} deleted`, path: ['arm', 'resources', id], to: undefined }
    yield* fields(`${type} tags`, ['arm', 'resources', id, 'body', 'tags'])
    yield* fields(type, ['arm', 'resources', id, 'credentials'])
    for (const part of ['oidcIssuerProfile', 'securityProfile', 'accessPolicies'])
      yield* fields(`${type} ${part}`, ['arm', 'resources', id, 'body', 'properties', part])
  }
  for (const [id, { body }] of Object.entries(state.arm.groups))
    if (isOwned(body.tags)) yield* fields('group tags', ['arm', 'groups', id, 'body', 'tags'])
  for (const [id, { extra }] of Object.entries(state.arm.roleAssignments))
    if (/wi-setup/.test(String(extra.description)))
      yield { about: 'role assignment deleted', path: ['arm', 'roleAssignments', id], to: undefined }
  for (const id of Object.keys(state.arm.providers))
    yield { about: `provider ${id} unregistered`, path: ['arm', 'providers', id], to: undefined }
  for (const [id, { uniqueName, credentials }] of Object.entries(state.directory.applications)) {
    if (!uniqueName) continue
    yield* fields('credential', ['directory', 'applications', id, 'credentials'])
    yield* fields('application tags', ['directory', 'applications', id, 'body', 'tags'])
    for (const index of credentials.keys())
      yield {
        about: 'credential deleted',
        path: ['directory', 'applications', id, 'credentials', index],
        to: undefined,
      }
  }
  for (const [id, { type, body }] of Object.entries(state.directory.servicePrincipals))
    if (type === 'Application' && (body.tags as string[] | undefined)?.includes('managed-by:wi-setup'))
      yield {
        about: 'service principal deleted',
        path: ['directory', 'servicePrincipals', id],
        to: undefined,
      }
  for (const [vault, { secrets }] of Object.entries(state.vaults))
    for (const name of Object.keys(secrets))
      yield { about: 'secret deleted', path: ['vaults', vault, 'secrets', name], to: undefined }
  for (const [fqdn, { objects }] of Object.entries(state.clusters))
    for (const [key, object] of Object.entries(objects)) {
      if (object.metadata.labels?.['app.kubernetes.io/managed-by'] !== 'wi-setup') continue
      if (['Pod', 'ReplicaSet', 'Endpoints', 'EndpointSlice', 'Event'].includes(object.kind)) continue
      const path = ['clusters', fqdn, 'objects', key]
      if (object.kind !== 'Namespace') yield { about: `${object.kind} deleted`, path, to: undefined }
      for (const part of ['labels', 'annotations'])
        yield* fields(`${object.kind} ${part}`, [...path, 'metadata', part])
      for (const part of ['data', 'spec']) yield* fields(object.kind, [...path, part])
    }
}

/**
 * Each change by others is shown by the plan and repaired by apply, or left alone if it is not ours. Then every
 * check passes, or the set-up reports what it can't change.
 */
export const drift: Law = {
  name: '5    any field changed by others is reported and repaired, or left alone if it is not ours',
  async *cases() {
    for (const over of Object.values(setUpKinds)) yield* driftOf(over)
  },
}

async function* driftOf(over: (typeof setUpKinds)[string]): AsyncGenerator<LawResult> {
  const sandbox = await newSandbox()
  const first = await newTestRun(over, { sandbox })
  await first.apply()
  await first.verify(5000)
  const complete = structuredClone(sandbox.state)
  for (const each of [...changesOf(complete)]) {
    Object.assign(sandbox.state, structuredClone(complete))
    const is = at(complete, each.path)
    if (!(await change(sandbox, each))) continue
    yield await lawResult(each.about, async () => {
      const testRun = await newTestRun(over, { sandbox })
      testRun.run.polling.timeoutFactor = 0.05
      try {
        const plan = await testRun.plan()
        const reported = plan.items.filter(({ action }) => action !== 'keep')
        await testRun.apply(plan)
        const after = at(sandbox.state, each.path)
        for (const { changes } of reported)
          for (const { field, is, want } of changes)
            assert.ok(field && is !== want, `${field}: ${is} → ${want}`)
        if (reported.length === 0 && each.to !== undefined)
          assert.ok(
            isDeepStrictEqual(after, each.to) || isDeepStrictEqual(after, is),
            'changed without a report',
          )
        const left = (await testRun.plan()).items
          .filter(({ action }) => action !== 'keep')
          .map(({ id }) => id)
        assert.deepEqual(left, [], `reported ${reported.map(({ id }) => id)}, but not repaired`)
        const broken = (await testRun.verify(4000)).filter(({ status }) => status === 'fail')
        assert.deepEqual(
          broken.map(({ code, detail }) => `${code} ${detail}`),
          [],
          `reported ${reported.map(({ id }) => id)}`,
        )
      } catch (error) {
        // An error with a fix before the first write is a report, too.
        if (!(error instanceof ActionRequiredError && error.remedy)) throw error
      }
    })
  }
  await sandbox.close()
}
