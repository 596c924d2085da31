import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { parse, stringify } from 'yaml'
import { applySetUp, e2eEnvironment, setUpFlags } from './environment.ts'

const environment = e2eEnvironment()
const other = '00000000-0000-4000-8000-000000000000'
const [name, system] = ['workload-identity-webhook', 'azure-workload-identity-system']
const status = () =>
  JSON.parse(environment.helm(['list', '--all', '--all-namespaces', '--output', 'json']))[0]
const history = () =>
  JSON.parse(environment.helm(['history', name, '--namespace', system, '--output', 'json'])) as {
    status: string
  }[]
const values = () =>
  JSON.parse(environment.helm(['get', 'values', name, '--namespace', system, '--output', 'json']))
const uninstall = () => environment.helm(['uninstall', name, '--namespace', system, '--wait'])

/** Starts helm in the background with the values that wi-setup uses. */
function startHelm(verb: 'install' | 'upgrade', tenant = environment.env.AZURE_TENANT_ID!) {
  const cloud = `azureTenantID=${tenant},azureEnvironment=${azureEnvironment}`
  const args = [verb, name, environment.chart, '--namespace', system, '--create-namespace', '--wait']
  // The upgrade waits for one more pod.
  const more = verb === 'upgrade' ? ['--set', 'replicaCount=2'] : []
  return spawn('helm', [...args, '--set-string', cloud, ...more], {
    env: { ...environment.env, KUBECONFIG: environment.kubeconfig },
    stdio: 'ignore',
  })
}
const waitForStatus = async (wanted: string) => {
  for (let n = 0; status()?.status !== wanted; n++) {
    assert.ok(n < 300, `the release does not become ${wanted}`)
    await delay(50)
  }
}

/** Backdates helm's record of the last revision. */
function backdate(minutes: number): void {
  const secret = `sh.helm.release.v1.${name}.v${history().length}`
  const read = ['get', 'secret', secret, '--namespace', system, '--output', 'jsonpath={.data.release}']
  const text = Buffer.from(Buffer.from(environment.kubectl(read), 'base64').toString(), 'base64')
  const record = JSON.parse(gunzipSync(text).toString())
  record.info.last_deployed = new Date(Date.now() - minutes * 60_000).toISOString()
  const packed = gzipSync(JSON.stringify(record)).toString('base64')
  const data = { release: Buffer.from(packed).toString('base64') }
  const patch = ['patch', 'secret', secret, '--namespace', system, '--patch', JSON.stringify({ data })]
  environment.kubectl(patch)
}
const nodes = (verb: 'cordon' | 'uncordon') =>
  environment.kubectl([verb, ...environment.kubectl(['get', 'nodes', '--output', 'name']).trim().split('\n')])

let azureEnvironment = ''
before(async () => {
  await applySetUp(environment)
  azureEnvironment = values().azureEnvironment
})
afterEach(() => nodes('uncordon'))
after(() => applySetUp(environment))

test('an installation ends only when the webhook has a ready pod', async () => {
  uninstall()
  nodes('cordon')
  const flags = [...setUpFlags(environment).slice(0, 8), '--webhook', 'helm', '--chart', environment.chart]
  let ended = false
  const installing = environment.run(['webhook', ...flags, '--yes']).finally(() => {
    ended = true
  })
  for (let n = 0; !status(); n++) {
    assert.ok(n < 300, 'there is no release')
    await delay(50)
  }
  await delay(3000)
  assert.equal(ended, false, 'the installation ended while no pod could start')
  nodes('uncordon')
  const { code, stderr } = await installing
  assert.equal(code, 0, stderr)
  const ready = ['get', 'deployment/azure-wi-webhook-controller-manager', '--namespace', system]
  assert.match(environment.kubectl([...ready, '--output', 'jsonpath={.status.readyReplicas}']), /^[1-9]/)
})

test('another Helm process working on the release is waited for, and its release is not touched', async () => {
  uninstall()
  // No pod can start, so helm keeps waiting.
  nodes('cordon')
  const installing = startHelm('install')
  await waitForStatus('pending-install')
  let output = ''
  const running = environment.run([...setUpFlags(environment), '--yes'], {
    onStart: ({ child }) => child.stderr?.on('data', (part) => (output += part)),
  })
  for (
    let n = 0;
    !output.includes('another Helm process that is working on the release (pending-install)');
    n++
  ) {
    assert.ok(n < 400, output)
    await delay(50)
  }
  assert.equal(installing.exitCode, null)
  nodes('uncordon')
  const [[code], done] = await Promise.all([once(installing, 'exit'), running])
  assert.equal(code, 0)
  assert.equal(done.code, 0, done.stderr)
  // A second installation would have left another record.
  assert.deepEqual(
    history().map(({ status }) => status),
    ['deployed'],
  )
})

test('the release of a killed helm install is recovered', async () => {
  uninstall()
  const installing = startHelm('install', other)
  await waitForStatus('pending-install')
  installing.kill('SIGKILL')
  await once(installing, 'exit')
  assert.equal(status().status, 'pending-install')
  backdate(6)
  await applySetUp(environment)
  assert.equal(status().status, 'deployed')
  assert.equal(values().azureTenantID, environment.env.AZURE_TENANT_ID)
})

test('the release of a killed helm upgrade is recovered', async () => {
  nodes('cordon')
  const upgrading = startHelm('upgrade', other)
  await waitForStatus('pending-upgrade')
  upgrading.kill('SIGKILL')
  await once(upgrading, 'exit')
  nodes('uncordon')
  backdate(6)
  await applySetUp(environment)
  assert.equal(status().status, 'deployed')
  assert.equal(values().azureTenantID, environment.env.AZURE_TENANT_ID)
})

test('a release whose values drifted is upgraded', async () => {
  const upgrade = ['upgrade', name, environment.chart, '--namespace', system, '--wait']
  environment.helm([...upgrade, '--set', `azureTenantID=${other},azureEnvironment=${azureEnvironment}`])
  const plan = await environment.run(['plan', ...setUpFlags(environment), '--output', 'json'])
  assert.deepEqual(
    plan.json.steps
      .filter(({ action }) => action !== 'keep')
      .map(({ id, changes }) => [id, changes[0]?.field]),
    [['webhook', 'tenant']],
  )
  await applySetUp(environment)
  assert.equal(values().azureTenantID, environment.env.AZURE_TENANT_ID)
})

test('the chart can be an archive, a URL, or a chart in a repository', async () => {
  const folder = join(environment.root, 'repository')
  const named = join(environment.root, 'named')
  cpSync(environment.chart, named, { recursive: true })
  const about = join(named, 'Chart.yaml')
  writeFileSync(about, stringify({ ...parse(readFileSync(about, 'utf8')), name }))
  environment.helm(['package', named, '--destination', folder])
  environment.helm(['repo', 'index', folder])
  const { version } = parse(readFileSync(about, 'utf8'))
  const archive = `${name}-${version}.tgz`
  const requests: string[] = []
  const server = createServer(({ url = '' }, response) => {
    requests.push(url)
    response.end(readFileSync(join(folder, url)))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const base = `http://127.0.0.1:${(server.address() as { port: number }).port}`
    for (const chart of [join(folder, archive), `${base}/${archive}`, `${base}/${name}`]) {
      uninstall()
      const flags = setUpFlags(environment).map((flag) => (flag === environment.chart ? chart : flag))
      const done = await environment.run([...flags, '--yes', '--output', 'json'])
      assert.equal(done.code, 0, done.stderr)
      assert.equal(status().chart, `${name}-${version}`)
    }
    assert.deepEqual(requests, [`/${archive}`, '/index.yaml', `/${archive}`])
  } finally {
    server.close()
  }
})
