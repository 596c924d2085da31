import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operatorToken, request } from '../../support/request.ts'
import { testSandbox } from '../../support/sandbox.ts'

const sandbox = await testSandbox()
const token = await operatorToken(sandbox, sandbox.simulator.addresses.graph)

const call = (method: string, path: string, json?: unknown) =>
  request(sandbox, `${sandbox.simulator.addresses.graph}${path}`, {
    method,
    token,
    ...(json === undefined ? {} : { json }),
  })

const audiences = ['api://AzureADTokenExchange']
const gitHub = {
  name: 'branches',
  issuer: 'https://token.actions.githubusercontent.com',
  audiences,
  claimsMatchingExpression: {
    value: "claims['sub'] matches 'repo:acme/shop:ref:refs/heads/*'",
    languageVersion: 1,
  },
}

async function newApplication() {
  const { body } = await call('POST', '/v1.0/applications', { displayName: 'shop' })
  const path = `/applications/${body.id}/federatedIdentityCredentials`
  return { beta: `/beta${path}`, v1: `/v1.0${path}` }
}

test('beta creates and returns a flexible credential', async () => {
  const { beta } = await newApplication()
  const created = await call('POST', beta, gitHub)
  assert.equal(created.status, 201, JSON.stringify(created.body))
  const { '@odata.context': _, ...credential } = created.body
  assert.deepEqual(credential, { id: credential.id, ...gitHub, subject: null, description: null })
  assert.deepEqual((await call('GET', beta)).body.value, [credential])
  assert.equal((await call('GET', `${beta}/branches`)).body.subject, null)
  const plain = { name: 'plain', issuer: 'https://oidc.example/', subject: 'x', audiences }
  await call('POST', beta, plain)
  const { claimsMatchingExpression } = (await call('GET', `${beta}/plain`)).body
  assert.equal(claimsMatchingExpression, null)
  const changed = { claimsMatchingExpression: { value: "claims['sub'] eq 'x'", languageVersion: 1 } }
  assert.equal((await call('PATCH', `${beta}/branches`, changed)).status, 204)
  assert.equal(
    (await call('GET', `${beta}/branches`)).body.claimsMatchingExpression.value,
    "claims['sub'] eq 'x'",
  )
})

test('v1.0 breaks off the response where a flexible credential has no subject', async () => {
  const { beta, v1 } = await newApplication()
  const plain = { name: 'plain', issuer: 'https://oidc.example/', subject: 'x', audiences }
  await call('POST', v1, plain)
  assert.equal((await call('GET', v1)).body.value.length, 1)
  await call('POST', beta, gitHub)
  for (const path of [v1, `${v1}/branches`]) {
    const { status, body } = await call('GET', path)
    assert.equal(status, 200)
    assert.equal(typeof body, 'string', 'the body is not JSON')
    assert.match(
      body,
      /"issuer":"https:\/\/token\.actions\.githubusercontent\.com"\{"error":\{"code":"InternalServerError","message":"The property 'subject\[Nullable=False\]' of type 'Edm\.String' has a null value, which is not allowed\."/,
    )
  }
  assert.equal((await call('GET', `${v1}/plain`)).body.subject, 'x')
  assert.equal((await call('GET', `${v1}?$select=name`)).body.value.length, 2)
})

test('v1.0 creates no flexible credential', async () => {
  const { v1 } = await newApplication()
  const { status, body } = await call('POST', v1, gitHub)
  assert.deepEqual([status, body.error.message], [400, "Property 'subject' cannot be empty."])
})

const refused: [name: string, change: object][] = [
  ['a subject and an expression', { subject: 'repo:acme/shop:environment:production' }],
  ['a Kubernetes issuer', { issuer: 'https://westeurope.oic.prod-aks.azure.com/t/i/' }],
  ['the issuer of an organization', { issuer: 'https://token.actions.githubusercontent.com/acme' }],
  ['GitHub Enterprise Server', { issuer: 'https://github.acme.example/_services/token' }],
  ['Terraform Enterprise', { issuer: 'https://tfe.acme.example' }],
  ['no expression', { claimsMatchingExpression: null }],
  ['an expression as a string', { claimsMatchingExpression: "claims['sub'] eq 'x'" }],
  ['language version 2', { claimsMatchingExpression: { value: "claims['sub'] eq 'x'", languageVersion: 2 } }],
  ...[
    "claims['actor'] eq 'octocat'",
    "claims['sub'] startsWith 'repo:acme/'",
    "claims['sub'] eq 'a' or claims['sub'] eq 'b'",
    '',
  ].map((value): [string, object] => [
    `the expression ${value}`,
    { claimsMatchingExpression: { value, languageVersion: 1 } },
  ]),
  [
    'a GitLab project by its path',
    {
      issuer: 'https://gitlab.com',
      claimsMatchingExpression: {
        value: "claims['sub'] matches 'project_path:acme/*'",
        languageVersion: 1,
      },
    },
  ],
]

for (const [name, change] of refused)
  test(`beta refuses ${name}`, async () => {
    const { beta } = await newApplication()
    assert.equal((await call('POST', beta, { ...gitHub, ...change })).status, 400)
    assert.deepEqual((await call('GET', beta)).body.value, [])
  })

test('beta accepts the issuers and claims of the documentation', async () => {
  const { beta } = await newApplication()
  const accepted: [issuer: string, value: string][] = [
    [gitHub.issuer, "claims['job_workflow_ref'] matches 'acme/*' and claims['sub'] matches 'repo:acme/*'"],
    ['https://gitlab.com', "claims['sub'] matches 'project_id:42:*'"],
    ['https://gitlab.acme.com', "claims['sub'] matches 'project_id:42:*'"],
    ['https://app.terraform.io', "claims['sub'] matches 'organization:acme:*'"],
    ['https://app.eu.terraform.io', "claims['sub'] matches 'organization:acme:*'"],
  ]
  for (const [n, [issuer, value]] of accepted.entries()) {
    const body = {
      name: `fic-${n}`,
      issuer,
      audiences,
      claimsMatchingExpression: { value, languageVersion: 1 },
    }
    assert.equal((await call('POST', beta, body)).status, 201, issuer)
  }
})
