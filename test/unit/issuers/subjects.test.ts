import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsageError } from '../../../src/base/usage-error.ts'
import { encodedGuid } from '../../../src/issuers/azure-devops.ts'
import { requireJob, wantedCredentials } from '../../../src/issuers/index.ts'
import type { IssuerSettings } from '../../../src/issuers/issuer.ts'
import { valueRules } from '../../../src/settings/rules.ts'

const tenant = '11111111-2222-4333-8444-555555555555'
const shop = { issuer: 'github', project: 'acme/shop' }
const prod = { issuer: 'terraform', project: 'acme/Shop Platform/shop-prod' }
const organization = '0b5f0e3c-8a5e-4a3b-9f0e-1f2d3c4b5a69'
const connection = '7c9e6679-7425-40de-944b-e07fc1f90ae7'
const devOps = { issuer: 'azure-devops', project: 'acme/shop/azure', ownerId: organization }
const github = 'https://token.actions.githubusercontent.com'

const cases: [settings: IssuerSettings, issuer: string, ...subjects: string[]][] = [
  [{ ...shop, branch: 'main' }, github, 'repo:acme/shop:ref:refs/heads/main'],
  [{ ...shop, tag: 'v1' }, github, 'repo:acme/shop:ref:refs/tags/v1'],
  [{ ...shop, pullRequest: true }, github, 'repo:acme/shop:pull_request'],
  [{ ...shop, environment: 'production' }, github, 'repo:acme/shop:environment:production'],
  [{ ...shop, environment: 'prod:eu west' }, github, 'repo:acme/shop:environment:prod%3Aeu west'],
  [
    { ...shop, branch: 'main', subjectForm: 'ids', ownerId: '1', projectId: '2' },
    github,
    'repo:acme@1/shop@2:ref:refs/heads/main',
  ],
  [
    { ...shop, branch: 'main', subjectForm: 'both', ownerId: '1', projectId: '2' },
    github,
    'repo:acme@1/shop@2:ref:refs/heads/main',
    'repo:acme/shop:ref:refs/heads/main',
  ],
  [
    { ...shop, branch: 'main', issuerHost: 'octo.ghe.com' },
    'https://token.actions.octo.ghe.com',
    'repo:acme/shop:ref:refs/heads/main',
  ],
  [
    { ...shop, branch: 'main', issuerHost: 'github.example.com' },
    'https://github.example.com/_services/token',
    'repo:acme/shop:ref:refs/heads/main',
  ],
  [{ ...shop, subject: 'repository_id:7' }, github, 'repository_id:7'],
  [
    { issuer: 'gitlab', project: 'acme/team/shop', branch: 'main' },
    'https://gitlab.com',
    'project_path:acme/team/shop:ref_type:branch:ref:main',
  ],
  [
    { issuer: 'gitlab', project: 'acme/shop', tag: 'v1', issuerHost: 'gitlab.example.com' },
    'https://gitlab.example.com',
    'project_path:acme/shop:ref_type:tag:ref:v1',
  ],
  [
    { issuer: 'gitlab', project: 'acme/shop', branch: 'main', subjectForm: 'ids', projectId: '42' },
    'https://gitlab.com',
    'project_id:42:ref_type:branch:ref:main',
  ],
  [
    prod,
    'https://app.terraform.io',
    'organization:acme:project:Shop Platform:workspace:shop-prod:run_phase:plan',
    'organization:acme:project:Shop Platform:workspace:shop-prod:run_phase:apply',
  ],
  [
    { ...devOps, projectId: connection, tenant },
    `https://login.microsoftonline.com/${tenant}/v2.0`,
    `/eid1/c/pub/t/${encodedGuid(tenant)}/a/rISbSSETf0KqFyZ8ppdXmA/sc/${organization}/${connection}`,
  ],
  [
    { ...devOps, subjectForm: 'names' },
    `https://vstoken.dev.azure.com/${organization}`,
    'sc://acme/shop/azure',
  ],
  [{ issuer: 'https://oidc.example.com/', subject: 'a' }, 'https://oidc.example.com/', 'a'],
]

for (const [settings, issuer, ...subjects] of cases)
  test(`the subject of ${JSON.stringify(settings)}`, () => {
    requireJob(settings)
    const wanted = wantedCredentials(settings)
    assert.deepEqual(
      wanted.map((each) => each.subject),
      subjects,
    )
    for (const each of wanted) assert.equal(each.issuer, issuer)
    assert.equal(new Set(wanted.map(({ id }) => id)).size, subjects.length)
  })

test('a flexible credential has the expression instead of a subject', () => {
  const matching = "claims['sub'] matches 'repo:acme/shop:ref:refs/heads/*'"
  requireJob({ ...shop, matching })
  assert.deepEqual(wantedCredentials({ ...shop, matching }), [
    { id: '', issuer: github, subject: '', expression: matching },
  ])
})

const expression = "claims['sub'] eq 'x'"
const faults: [settings: IssuerSettings, message: RegExp][] = [
  [{ issuer: 'github' }, /--project is missing\n.*OWNER\/REPO/],
  [{ issuer: 'github', project: 'acme', branch: 'main' }, /--project "acme" is not valid\n/],
  [{ issuer: 'github', project: 'acme/', branch: 'main' }, /--project "acme\/" is not valid\n/],
  [shop, /the jobs that may use the identity are not set\n.*--branch, --tag, --environment, --pull-request/],
  [{ ...shop, branch: 'main', environment: 'x' }, /--branch and --environment can't be combined/],
  [{ ...shop, branch: 'main', subjectForm: 'ids', ownerId: '1' }, /only one of two IDs is set/],
  [{ ...shop, subject: 'a', matching: expression }, /--subject and --matching can't be combined/],
  [{ ...shop, issuerHost: 'github.example.com', matching: expression }, /--matching does not apply/],
  [
    { ...shop, matching: "claims['ref'] eq 'x'" },
    /--matching can't use the claim ref\n.*sub, job_workflow_ref/,
  ],
  [{ issuer: 'gitlab', project: 'acme/shop', environment: 'x' }, /GitLab does not put the environment/],
  [{ issuer: 'gitlab', project: 'acme/shop', pullRequest: true }, /--pull-request does not apply/],
  [{ issuer: 'gitlab', project: 'acme/shop', branch: 'm', subjectForm: 'ids' }, /--project-id is missing/],
  [{ issuer: 'terraform', project: 'acme/shop' }, /ORGANIZATION\/PROJECT\/WORKSPACE/],
  [{ issuer: 'azure-devops', project: 'a/b/c' }, /--owner-id is missing or not a GUID/],
  [{ ...devOps, projectId: '7' }, /--project-id is missing or not a GUID/],
  [{ ...devOps, subjectForm: 'both' }, /the forms have different issuers/],
  [{ issuer: 'https://oidc.example.com' }, /--subject is missing/],
  [{ issuer: 'https://oidc.example.com', project: 'a/b', subject: 'x' }, /--project does not apply/],
]

for (const [settings, message] of faults)
  test(`${JSON.stringify(settings)} is rejected`, () => {
    assert.throws(
      () => requireJob(settings),
      (error) => error instanceof UsageError && message.test(error.message),
    )
  })

test('an issuer is a known name, or an https:// URL without query', () => {
  for (const value of ['github', 'azure-devops', 'https://a.example', 'https://a.example/b/'])
    assert.equal(valueRules.issuer(value), undefined, value)
  for (const value of [
    'http://a.example',
    'a.example',
    'https://a.example?b=c',
    'https://a:b@c.example',
    'GitHub',
  ])
    assert.match(valueRules.issuer(value) ?? '', /is not an issuer/, value)
  for (const value of [
    'bitbucket',
    'https://api.bitbucket.org/2.0/workspaces/x/pipelines-config/identity/oidc',
  ])
    assert.match(valueRules.issuer(value) ?? '', /each step of a Bitbucket pipeline/, value)
})
