/** A key followed by its secret, as in `client_secret=…`, `"password": "…"` or `client-key-data: …`. */
const secretKey =
  /((?<![\w/-])(?:[\w.-]*(?:passw(?:or)?d|pwd|secret(?:[_-]?value)?|client_assertion|(?:access|refresh|id|bearer|sas|auth)[_-]?token|api[_-]?key|account[_-]?key|access[_-]?key|private[_-]?key|key-data|connection[_-]?string)|token|sig|credential|code)["']?\s*[:=]\s*["']?)([^\s"'&,;]{8,})/gi

const secretFormats: readonly [format: RegExp, replacement: string][] = [
  // Also matches a truncated key.
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '(key)'],
  [/\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g, '(token)'],
  [/\b(Bearer|Basic) +(?!authorization|realm)[\w.~+/-]{8,}=*/gi, '$1 (token)'],
  // Entra client secrets, then opaque refresh tokens.
  [/(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{20,}/g, '(secret)'],
  [/\b[01]\.A[\w-]{40,}(?:\.[\w-]+)*/g, '(token)'],
  [/:\/\/[^\s/:@]+:[^\s/@]+@/g, '://(secret)@'],
  // Storage keys and other long base64 values; purely hexadecimal text is a thumbprint.
  [/(?<![\w+/=.-])(?=[\w+/]*[g-zG-Z+/])[A-Za-z0-9+/]{60,}={0,2}(?![\w-])/g, '(long value)'],
]

/** Returns the text without tokens, keys and named secrets, so that a pasted log is safe to show. */
export const redactText = (text: string): string =>
  secretFormats
    .reduce((redacted, [format, replacement]) => redacted.replace(format, replacement), text)
    .replace(secretKey, (match, key: string, value: string) =>
      /^\(?[a-z-]+\)?$/.test(value) ? match : `${key}(secret)`,
    )

const secretParameters = /^(sig|t|c|s|h|se|code|token|access_token|client_secret|\$skiptoken)$/i

/** Returns the URL with signatures and tokens in its query replaced by `REDACTED`. */
export function redactUrl(address: string): string {
  const url = new URL(address)
  for (const name of new Set(url.searchParams.keys()))
    if (secretParameters.test(name)) url.searchParams.set(name, 'REDACTED')
  return decodeURI(url.href)
}
