import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parse, parseAllDocuments, stringify } from 'yaml'
import { withGeneratedRoles } from '../../../docs/cronjob-roles.ts'
import { commandLine } from '../../../docs/tables.ts'
import { chainChecks } from '../../../src/checks/index.ts'
import type { KubeObject } from '../../../src/clients/kubernetes.ts'
import { verify } from '../../../src/engine/verify.ts'
import { settingsTable, variableOf } from '../../../src/settings/table.ts'
import { request } from '../../support/request.ts'
import { newTestRun } from '../../support/test-run.ts'

const root = new URL('../../../', import.meta.url)
const read = (name: string) => readFileSync(new URL(name, root), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'wi-health-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const manifest = read('docs/health-check/cronjob.yaml')
const objects = parseAllDocuments(manifest).map((each) => each.toJS() as KubeObject)
const cronJob = objects.find(({ kind }) => kind === 'CronJob')!

/** Path of an object in the Kubernetes API. */
function pathOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): string {
  const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return `${base}${namespace ? `/namespaces/${namespace}` : ''}/${kind.toLowerCase()}s/${name}`
}

test('the generated roles of the CronJob are current (npm run reference)', () => {
  assert.equal(withGeneratedRoles(manifest), manifest)
})

test('the CronJob and the Dockerfile use variables, flags and files that exist', () => {
  const [container] = cronJob.spec.jobTemplate.spec.template.spec.containers
  const variables = settingsTable.map(({ name }) => variableOf(name))
  for (const { name } of container.env) assert.ok(variables.includes(name), name)
  const [name, ...args] = container.args as string[]
  const command = commandLine.commands.find((each) => each.name() === name)!
  for (const flag of args.filter((each) => each.startsWith('--')))
    assert.ok(
      command.options.some(({ long }) => long === flag),
      flag,
    )
  for (const [, path] of read('docs/health-check/Dockerfile').matchAll(/^COPY (\S+)/gm))
    assert.ok(existsSync(new URL(path!, root)) || path === 'dist', path)
})

test('the API server accepts the manifest, and its roles are sufficient and necessary for verify', async () => {
  const job = await newTestRun({ sample: false })
  await job.apply()
  const admin = job.clients.kubernetes({ kind: 'aks', group: 'rg-shop', cluster: 'aks-shop' })
  const config = parse(await admin.kubeconfig())
  const { token: adminToken } = config.users[0].user
  const apply = async (object: KubeObject) => {
    const { status, body } = await request(
      job.sandbox,
      `${config.clusters[0].cluster.server}${pathOf(object)}?fieldManager=kubectl&fieldValidation=Strict`,
      {
        method: 'PATCH',
        token: adminToken,
        json: object,
        headers: { 'content-type': 'application/apply-patch+yaml' },
      },
    )
    assert.ok(status === 200 || status === 201, `${object.kind}: ${JSON.stringify(body)}`)
  }
  for (const object of objects) await apply(object)

  const token = await admin.token('wi-setup', 'wi-setup-verify', {
    audience: (await admin.issuer())!,
    seconds: 3600,
  })
  config.users[0].user = { token }
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, stringify(config))
  const { cluster: _, ...settings } = job.settings
  const run = { ...job.run, settings: { ...settings, kubeconfig } as typeof job.settings }
  job.run.forgetReads()
  const results = await verify(chainChecks, run)
  assert.deepEqual(
    results.filter(({ status }) => status === 'fail').map(({ code, detail }) => `${code} ${detail}`),
    [],
  )

  const role = objects.find(({ kind, metadata }) => kind === 'Role' && metadata.namespace === 'shop')!
  await apply({ ...role, rules: role.rules.slice(1) })
  job.run.forgetReads()
  assert.ok((await verify(chainChecks, run)).some(({ status }) => status === 'fail'))
})
