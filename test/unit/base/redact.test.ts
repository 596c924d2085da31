import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitText } from '../../../src/base/limit-text.ts'
import { redactText } from '../../../src/base/redact.ts'
import { explainText } from '../../../src/explain/log-reader.ts'

const secret = 'Sup3rS3cretPassw0rd'

test('values of secret flags, headers, keys and connection strings are redacted', () => {
  const lines = [
    `az login --service-principal -u 1111 -p ${secret} --tenant t`,
    `--password ${secret}`,
    `--password=${secret}`,
    `--password "two words ${secret}" --tenant t`,
    `-p '${secret} x'`,
    `--token=${secret}`,
    `--client-secret ${secret}`,
    `--docker-password ${secret}`,
    `-password ${secret}`,
    `--account-key ${secret}`,
    `az keyvault secret set --value ${secret}`,
    `curl -u me:${secret} https://shop.example`,
    `kubectl create secret generic x --from-literal=pw=${secret}`,
    `PGPASSWORD=${secret} psql`,
    `ARM_CLIENT_SECRET=${secret}`,
    `Authorization: Bearer ${secret}`,
    `Authorization: ${secret}`,
    `"Authorization": "SharedKey account:${secret}"`,
    `X-Vault-Token: ${secret}`,
    `AccountName=a;AccountKey=${secret};EndpointSuffix=x`,
    `SharedAccessKeyName=Root;SharedAccessKey=${secret}`,
    `Server=tcp:x;User ID=u;Password=${secret};Encrypt=true`,
    `Password='a b ${secret}';`,
    `https://a.example/?sv=1&sig=${secret}%3D&se=1`,
    `{\\"password\\":\\"${secret}\\"}`,
    `{"password": "a b ${secret}"}`,
    `redis://:${secret}@host`,
    `mongodb://u:p@${secret}@host/db`,
  ]
  for (const line of lines) assert.doesNotMatch(redactText(line), /S3cret|two words|a b /, line)
  assert.equal(redactText('password: hunter2'), 'password: (secret)')
  assert.equal(redactText('password=letmein'), 'password=(secret)')
})

test('codes, ports, paths, references and prose are not redacted', () => {
  for (const line of [
    'docker run -p 8080:80 x',
    'mkdir -p /var/x',
    'failed to fetch token: Post "https://login.example"',
    '"code":"ForbiddenByRbac"',
    'Code="Unauthorized" Message="x"',
    '"code":"AgentPoolK8sVersionNotSupported"',
    'code = Unknown desc = failed',
    '--password "$PASSWORD"',
    '-p ***',
    'nodePublishSecretRef secret is not set',
    'kubectl patch x -p {"a":1}',
    'WWW-Authenticate: Bearer authorization="https://login.example"',
    'kubelogin get-token --login spn --server-id 6d --client-id x',
    'secretName: kv-shop',
  ])
    assert.equal(redactText(line), line)
})

test('a secret in a command line of a log is not repeated', () => {
  const shown = JSON.stringify(
    explainText(
      `Error running command 'az login --service-principal -u 11111111-2222-4333-8444-555555555555 -p ${secret} --tenant t && az aks show': exit status 1. Output: ERROR: Please run 'az login' to setup account.\n`,
    ),
  )
  assert.match(shown, /SignInMissing/)
  assert.ok(!shown.includes(secret))
})

test('a cut does not break redaction', () => {
  const jwt = `eyJhbGciOiJSUzI1NiJ9.${'a'.repeat(60)}.${'b'.repeat(60)}`
  for (let before = 65_300; before < 65_600; before += 7)
    for (const value of [jwt, `password=${secret}`, `-p ${secret}`]) {
      // The long value shrinks, so that the end of what is read comes into what is kept.
      const limited = limitText(`${'x1'.repeat(before / 2)} ${value} end`)
      assert.doesNotMatch(limited, /S3c|aaaa|hbGci/, `${before} ${value}`)
      const whole = limitText(`${'x1 '.repeat(before / 3)} ${value} end`, 100_000)
      assert.doesNotMatch(whole, /S3c|aaaa|hbGci/, `all that is read, ${before} ${value}`)
    }
  assert.ok(limitText('a b '.repeat(100_000)).length < 8300)
  assert.ok(limitText('a b '.repeat(100_000), 1_000_000).length <= 64 * 1024)
})
