import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { applySetUp, e2eEnvironment, setUpFlags, skipOnGivenCluster } from './environment.ts'
import { refuse, refuseNothing } from './firewall.ts'
import { change, changeNothing, unlessPolicies, variable } from './policy.ts'

// What `verify --in-cluster` says of faults that only a pod meets: the machine that runs it has no such fault.

const environment = e2eEnvironment()
const { WI_E2E_HOST: host = '', WI_E2E_DOMAIN: domain } = environment.env
const { port } = new URL(environment.arm)
const login = `login.${domain}`
// The sample meets the same faults, and says so itself.
const flags = [...setUpFlags(environment), '--in-cluster', '--no-sample', '--output', 'json']
const probe = ['pod/wi-setup-inside', '--namespace', 'shop', '--ignore-not-found', '--output']
const there = () => environment.kubectl(['get', ...probe, 'name']) !== ''

/** Runs it; the verdict of the pod alone, all else being well. No pod stays. */
async function fromInside(...more: string[]) {
  const result = await environment.run(['verify', ...flags, ...more])
  const { checks } = result.json
  const faults = checks.filter(({ status }) => status === 'fail').map(({ code }) => code)
  assert.deepEqual(faults, result.code === 0 ? [] : ['WI601'])
  environment.kubectl(['wait', 'pod/wi-setup-inside', '--namespace', 'shop', '--for=delete', '--timeout=20s'])
  return checks.find(({ code }) => code === 'WI601')!
}

/** Refuses what pods send to this machine's port. */
const block = (protocol: 'tcp' | 'udp', port: string) =>
  refuse(
    ['INPUT', '--in-interface', 'wi0', '--protocol', protocol, '--dport', port],
    protocol === 'tcp' ? 'tcp-reset' : 'icmp-port-unreachable',
  )
const ours = skipOnGivenCluster(environment, "packets are dropped on the nodes' bridge")
const policies = unlessPolicies(environment)

before(() => applySetUp(environment))
afterEach(() => {
  if (!ours) refuseNothing()
  changeNothing(environment)
})
after(() => applySetUp(environment))

test('a pod gets in from inside', async () => {
  const { status, detail } = await fromInside()
  assert.equal(status, 'pass', detail)
})

test('blocked egress is named', { skip: ours }, async () => {
  block('tcp', port)
  const { detail, remedy } = await fromInside()
  assert.match(
    detail,
    new RegExp(`^The pod cannot connect to ${login}:${port} \\(Entra\\); egress is blocked: ECONNREFUSED`),
  )
  assert.match(remedy ?? '', /^kubectl -n shop get networkpolicies/)
})

test('DNS that does not answer is named', { skip: ours }, async () => {
  block('udp', '53')
  const { detail, remedy } = await fromInside()
  assert.match(
    detail,
    new RegExp(`^The pod cannot resolve ${login}:${port} \\(Entra\\) by the cluster's DNS: E`),
  )
  assert.match(remedy ?? '', /^kubectl -n kube-system get pods,configmaps --selector k8s-app=kube-dns/)
})

test("so is DNS that does not know the vault's name", { skip: policies }, async () => {
  await change(environment, {
    '/spec/dnsPolicy': 'None',
    '/spec/dnsConfig': { nameservers: ['127.0.0.1'] },
    '/spec/hostAliases': [{ ip: host, hostnames: [login] }],
  })
  const { detail } = await fromInside()
  assert.match(detail, /^The pod cannot resolve kv-e2e\.vault\.\S+ \(the vault\) by the cluster's DNS: E/)
})

test('a name that leads into the void is named', { skip: policies }, async () => {
  await change(environment, { '/spec/hostAliases': [{ ip: '127.0.0.2', hostnames: [login] }] })
  const { detail } = await fromInside()
  assert.match(detail, /^The pod cannot connect to login\.\S+ \(Entra\); egress is blocked: E/)
})

test("the proxy of the pod's environment is named if it does not answer, or its name is unknown", {
  skip: policies,
}, async () => {
  await change(environment, variable('HTTPS_PROXY', `http://${host}:9`))
  const silent = await fromInside()
  assert.match(
    silent.detail,
    new RegExp(`^The proxy ${host}:9 from the pod's environment \\(HTTPS_PROXY\\) cannot be reached: E`),
  )
  assert.match(silent.remedy ?? '', /az aks show --query httpProxyConfig/)
  await change(environment, variable('HTTPS_PROXY', 'http://proxy.example:3128'))
  const unknown = await fromInside()
  assert.match(
    unknown.detail,
    /^The proxy proxy\.example:3128 from the pod's environment \(HTTPS_PROXY\) cannot be resolved: E/,
  )
})

test('a proxy that lets the pod through is used, one that does not is named', {
  skip: policies,
}, async () => {
  const asked: string[] = []
  let refusing = false
  const proxy = createServer().on('connect', ({ url = '' }, socket) => {
    asked.push(url)
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
    await change(environment, variable('HTTPS_PROXY', address))
    if (!ours) block('tcp', port)
    const through = await fromInside()
    assert.equal(through.status, 'pass', through.detail)
    assert.deepEqual(asked, [`${login}:${port}`, `kv-e2e.vault.${domain}:${port}`])
    refusing = true
    assert.match(
      (await fromInside()).detail,
      new RegExp(
        `^The proxy ${address} from the pod's environment refuses connections to ${login}:${port}: `,
      ),
    )
    refusing = false
    await change(environment, {
      '/spec/containers/0/env/0': { name: 'HTTPS_PROXY', value: `${host}:9` },
      '/spec/containers/0/env/1': { name: 'NO_PROXY', value: `x.example,.${domain}` },
    })
    if (!ours) refuseNothing()
    assert.equal((await fromInside()).status, 'pass')
  } finally {
    proxy.close()
    proxy.closeAllConnections()
  }
})

test("a node's clock that is off is told", { skip: policies }, async () => {
  // Of the pod's program only: a node has one clock, which the whole machine would share.
  const late = 'const now=Date.now;Date.now=()=>now()-600000'
  await change(
    environment,
    variable('NODE_OPTIONS', `--import=data:text/javascript,${encodeURIComponent(late)}`),
  )
  const { status, detail, remedy } = await fromInside()
  assert.equal(status, 'warn')
  assert.match(detail, /^The clock of node \S+ is off by -(600|599|601) s; Entra rejects tokens from 300 s$/)
  assert.match(remedy ?? '', /^kubectl debug node\/\S+ /)
})

test('a pod that cannot start is told, and is removed', async () => {
  const { detail } = await fromInside('--sample-image', 'localhost/none:1')
  assert.match(detail, /did not finish: (ErrImagePull|ImagePullBackOff)/)
})

/** Stops a run with this signal while its pod is there. */
async function stopped(signal: NodeJS.Signals) {
  return environment.run(['verify', ...flags, '--sample-image', 'localhost/none:1'], {
    onStart: async ({ child }) => {
      while (child.exitCode === null && !there()) await delay(50)
      child.kill(signal)
    },
  })
}

test('after Ctrl-C the pod is removed, too', async () => {
  assert.equal((await stopped('SIGINT')).code, 130)
  environment.kubectl(['wait', 'pod/wi-setup-inside', '--namespace', 'shop', '--for=delete', '--timeout=20s'])
})

test('a run that is killed leaves a pod that ends by itself, and that the next run removes', async () => {
  await stopped('SIGKILL')
  const left = JSON.parse(environment.kubectl(['get', ...probe, 'json']))
  assert.ok(left.spec.activeDeadlineSeconds <= 120)
  assert.equal(left.spec.restartPolicy, 'Never')
  const patch = ['--type=merge', '--patch', '{"spec":{"activeDeadlineSeconds":1}}']
  environment.kubectl(['patch', 'pod/wi-setup-inside', '--namespace', 'shop', ...patch])
  const ended = '--for=jsonpath={.status.reason}=DeadlineExceeded'
  environment.kubectl(['wait', 'pod/wi-setup-inside', '--namespace', 'shop', ended, '--timeout=30s'])
  assert.equal((await fromInside()).status, 'pass')
})
