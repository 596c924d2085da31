// Preloaded into vault-reader: Microsoft Entra ID and the vault, without a network.
const ids = ['11111111-aaaa-4aaa-8aaa-111111111111', '22222222-bbbb-4bbb-8bbb-222222222222']
const challenge = 'Bearer authorization="https://login.test/tenant", resource="https://vault.test"'
const json = (status, body, headers) => new Response(JSON.stringify(body), { status, headers })
const secrets = { 'db-password': 'value-1', other: 'value-2' }

globalThis.fetch = async (address, { headers = {} } = {}) => {
  const url = new URL(address)
  if (url.hostname === 'login.test') return json(200, { access_token: 'access-token', expires_in: 3600 })
  if (!headers.authorization) return json(401, {}, { 'www-authenticate': challenge })
  const name = url.pathname.split('/').pop()
  if (name === 'forbidden')
    return json(403, {
      error: {
        code: 'Forbidden',
        message: `Caller appid=${ids[0]};oid=${ids[1]} is not authorized`,
        innererror: { code: 'ForbiddenByRbac' },
      },
    })
  if (name === 'broken') return new Response('<html>', { status: 200 })
  return json(200, { value: secrets[name], id: `https://kv.vault.test/secrets/${name}/v1` })
}
