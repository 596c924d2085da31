import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { after, afterEach, before, test } from 'node:test'
import { waitUntil } from '../support/wait-until.ts'
import { applySetUp, e2eEnvironment, setUpFlags, skipOnGivenCluster } from './environment.ts'
import { deleteRules, rejectPackets } from './firewall.ts'
import { resetPolicy, setPolicy, skipWithoutPolicies, variable } from './policy.ts'

// Faults that affect only pods: `verify --in-cluster` reports them, `verify` on this machine can't.

const environment = e2eEnvironment()
const { WI_E2E_HOST: host = '', WI_E2E_DOMAIN: domain } = environment.env
const { port } = new URL(environment.arm)
const login = `login.${domain}`
// The sample would report the same faults.
const flags = [...setUpFlags(environment), '--in-cluster', '--no-sample', '--output', 'json']
const probe = ['pod/wi-setup-inside', '--namespace', 'shop', '--ignore-not-found', '--output']
const podExists = () => environment.kubectl(['get', ...probe, 'name']) !== ''

/** Runs verify, and returns the result of the check in the pod. Asserts that all other checks pass and that no pod is left. */
async function verifyInCluster(...more: string[]) {
  const result = await environment.run(['verify', ...flags, ...more])
  const { checks } = result.json
  const faults = checks.filter(({ status }) => status === 'fail').map(({ code }) => code)
  assert.deepEqual(faults, result.code === 0 ? [] : ['WI601'])
  environment.kubectl(['wait', 'pod/wi-setup-inside', '--namespace', 'shop', '--for=delete', '--timeout=20s'])
  return checks.find(({ code }) => code === 'WI601')!
}

/** Rejects packets of pods to a port of this machine. */
const block = (protocol: 'tcp' | 'udp', port: string) =>
  rejectPackets(
    ['INPUT', '--in-interface', 'wi0', '--protocol', protocol, '--dport', port],
    protocol === 'tcp' ? 'tcp-reset' : 'icmp-port-unreachable',
  )
const skipOnGiven = skipOnGivenCluster(environment, "packets are dropped on the nodes' bridge")
const policies = skipWithoutPolicies(environment)

before(() => applySetUp(environment))
afterEach(() => {
  if (!skipOnGiven) deleteRules()
  resetPolicy(environment)
})
after(() => applySetUp(environment))

test('a pod reads the secret', async () => {
  const { status, detail } = await verifyInCluster()
  assert.equal(status, 'pass', detail)
})

test('blocked egress is reported', { skip: skipOnGiven }, async () => {
  block('tcp', port)
  const { detail, remedy } = await verifyInCluster()
  assert.match(
    detail,
    new RegExp(`^The pod cannot connect to ${login}:${port} \\(Entra\\); egress is blocked: ECONNREFUSED`),
  )
  assert.match(remedy ?? '', /^Run kubectl (--\S+ \S+ )*get networkpolicies --namespace shop, and/)
})

test('DNS that does not respond is reported', { skip: skipOnGiven }, async () => {
  block('udp', '53')
  const { detail, remedy } = await verifyInCluster()
  assert.match(
    detail,
    new RegExp(`^The pod cannot resolve ${login}:${port} \\(Entra\\) by the cluster's DNS: E`),
  )
  assert.match(
    remedy ?? '',
    /^Run kubectl (--\S+ \S+ )*get pods,configmaps --namespace kube-system --selector k8s-app=kube-dns/,
  )
})

test("DNS that does not know the vault's name is reported", { skip: policies }, async () => {
  await setPolicy(environment, {
    '/spec/dnsPolicy': 'None',
    '/spec/dnsConfig': { nameservers: ['127.0.0.1'] },
    '/spec/hostAliases': [{ ip: host, hostnames: [login] }],
  })
  const { detail } = await verifyInCluster()
  assert.match(detail, /^The pod cannot resolve kv-e2e\.vault\.\S+ \(the vault\) by the cluster's DNS: E/)
})

test('a name that resolves to an address without a server is reported', { skip: policies }, async () => {
  await setPolicy(environment, { '/spec/hostAliases': [{ ip: '127.0.0.2', hostnames: [login] }] })
  const { detail } = await verifyInCluster()
  assert.match(detail, /^The pod cannot connect to login\.\S+ \(Entra\); egress is blocked: E/)
})

test("an unreachable or unknown proxy in the pod's environment is reported", {
  skip: policies,
}, async () => {
  await setPolicy(environment, variable('HTTPS_PROXY', `http://${host}:9`))
  const silent = await verifyInCluster()
  assert.match(
    silent.detail,
    new RegExp(`^The proxy ${host}:9 from the pod's environment \\(HTTPS_PROXY\\) cannot be reached: E`),
  )
  assert.match(silent.remedy ?? '', /az aks show .*--query httpProxyConfig/)
  await setPolicy(environment, variable('HTTPS_PROXY', 'http://proxy.example:3128'))
  const unknown = await verifyInCluster()
  assert.match(
    unknown.detail,
    /^The proxy proxy\.example:3128 from the pod's environment \(HTTPS_PROXY\) cannot be resolved: E/,
  )
})

test('a proxy is used, and reported if it rejects the connection', {
  skip: policies,
}, async () => {
  const connections: string[] = []
  let refusing = false
  const proxy = createServer().on('connect', ({ url = '' }, socket) => {
    connections.push(url)
    if (refusing) return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    for (const end of [socket, upstream]) end.on('error', () => end.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, host, resolve))
  const address = `${host}:${(proxy.address() as { port: number }).port}`
  try {
    await setPolicy(environment, variable('HTTPS_PROXY', address))
    if (!skipOnGiven) block('tcp', port)
    const through = await verifyInCluster()
    assert.equal(through.status, 'pass', through.detail)
    assert.deepEqual(connections, [`${login}:${port}`, `kv-e2e.vault.${domain}:${port}`])
    refusing = true
    assert.match(
      (await verifyInCluster()).detail,
      new RegExp(
        `^The proxy ${address} from the pod's environment refuses connections to ${login}:${port}: `,
      ),
    )
    refusing = false
    await setPolicy(environment, {
      '/spec/containers/0/env/0': { name: 'HTTPS_PROXY', value: `${host}:9` },
      '/spec/containers/0/env/1': { name: 'NO_PROXY', value: `x.example,.${domain}` },
    })
    if (!skipOnGiven) deleteRules()
    assert.equal((await verifyInCluster()).status, 'pass')
  } finally {
    proxy.close()
    proxy.closeAllConnections()
  }
})

test("a node's wrong clock is reported", { skip: policies }, async () => {
  // Only for the program in the pod: all nodes share the clock of this machine.
  const late = 'const now=Date.now;Date.now=()=>now()-600000'
  await setPolicy(
    environment,
    variable('NODE_OPTIONS', `--import=data:text/javascript,${encodeURIComponent(late)}`),
  )
  const { status, detail, remedy } = await verifyInCluster()
  assert.equal(status, 'warn')
  assert.match(detail, /^The clock of node \S+ is off by -(600|599|601) s; Entra rejects tokens from 300 s$/)
  assert.match(remedy ?? '', /^kubectl --context aks-e2e debug node\/\S+ /)
})

test('a pod that cannot start is reported and deleted', async () => {
  const { detail } = await verifyInCluster('--sample-image', 'localhost/none:1')
  assert.match(detail, /did not finish: (ErrImagePull|ImagePullBackOff)/)
})

/** Sends a signal to a run while its pod exists. */
async function interruptedBy(signal: NodeJS.Signals) {
  return environment.run(['verify', ...flags, '--sample-image', 'localhost/none:1'], {
    onStart: async ({ child }) => {
      await waitUntil(() => child.exitCode !== null || podExists(), 'the pod', {
        limitMs: 120_000,
        pollMs: 50,
      })
      child.kill(signal)
    },
  })
}

test('Ctrl-C deletes the pod', async () => {
  assert.equal((await interruptedBy('SIGINT')).code, 130)
  environment.kubectl(['wait', 'pod/wi-setup-inside', '--namespace', 'shop', '--for=delete', '--timeout=20s'])
})

test('the pod of a killed run ends by its deadline, and the next run deletes it', async () => {
  await interruptedBy('SIGKILL')
  const left = JSON.parse(environment.kubectl(['get', ...probe, 'json']))
  assert.ok(left.spec.activeDeadlineSeconds <= 120)
  assert.equal(left.spec.restartPolicy, 'Never')
  const patch = ['--type=merge', '--patch', '{"spec":{"activeDeadlineSeconds":1}}']
  environment.kubectl(['patch', 'pod/wi-setup-inside', '--namespace', 'shop', ...patch])
  const ended = '--for=jsonpath={.status.reason}=DeadlineExceeded'
  environment.kubectl(['wait', 'pod/wi-setup-inside', '--namespace', 'shop', ended, '--timeout=30s'])
  assert.equal((await verifyInCluster()).status, 'pass')
})
