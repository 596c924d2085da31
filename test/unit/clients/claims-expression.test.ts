import assert from 'node:assert/strict'
import { test } from 'node:test'
import { satisfies } from '../../../sandbox/graph/claims-expression.ts'
import { matchesExpression } from '../../../src/clients/claims-expression.ts'

const sub = 'repo:acme/shop:ref:refs/heads/main'
const jobWorkflow = 'acme/workflows/.github/workflows/deploy.yml@refs/heads/main'
const claims = { sub, job_workflow_ref: jobWorkflow, odd: "a'b*c?d" }

const cases: [expression: string, matches: boolean][] = [
  [`claims['sub'] eq '${sub}'`, true],
  [`claims['sub'] eq '${sub.toUpperCase()}'`, false],
  ["claims['sub'] eq 'repo:acme/*'", false],
  ["claims['sub'] matches 'repo:acme/*'", true],
  ["claims['sub'] matches 'repo:acme/shop:*:refs/heads/*'", true],
  ["claims['sub'] matches 'repo:acme/sho?:ref:refs/heads/main'", true],
  ["claims['sub'] matches 'repo:acme/shop?:ref:refs/heads/main'", false],
  ["claims['sub'] matches 'repo:acme/'", false],
  ["claims['sub'] matches 'acme/*'", false],
  ["claims['sub'] matches '*main*'", true],
  ["claims['sub'] matches '*'", true],
  ["claims['sub'] matches 'repo.acme/*'", false],
  ["claims['sub'] matches 'repo:acme/*' and claims['job_workflow_ref'] matches '*deploy.yml@*'", true],
  ["claims['sub'] matches 'repo:acme/*' and claims['job_workflow_ref'] matches '*release.yml@*'", false],
  ["claims['missing'] matches '*'", false],
  ["claims['odd'] eq 'a''b*c?d'", true],
  ["claims['odd'] matches 'a''b'*c'?d'", true],
  ["claims['odd'] matches 'a''b'*x'?d'", false],
  // Not in language version 1.
  ["claims['sub'] matches 'repo:acme/*' or claims['sub'] matches '*'", false],
  ["not claims['sub'] matches 'x'", false],
  ["claims['sub']  matches '*'", false],
  ["claims['sub'] startswith 'repo'", false],
  ["claims['sub'] matches '*' and ", false],
  ["claims['sub'] matches '*", false],
  ["claims[sub] matches '*'", false],
  ['', false],
]

test('an expression is compared as Entra does, by wi-setup and by the sandbox', () => {
  for (const [expression, expected] of cases) {
    assert.equal(matchesExpression(expression, claims), expected, `wi-setup: ${expression}`)
    assert.equal(satisfies(expression, claims), expected, `sandbox: ${expression}`)
  }
})

test('a pattern with many wildcards is compared in little time', () => {
  const began = performance.now()
  const expression = `claims['sub'] matches '${'*a'.repeat(5000)}b'`
  assert.equal(matchesExpression(expression, { sub: 'a'.repeat(20_000) }), false)
  assert.ok(performance.now() - began < 3000)
})
