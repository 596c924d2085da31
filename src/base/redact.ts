// Every repetition has a limit, so that untrusted text is searched in linear time.

/** The value after a key or a flag: in quotes, or up to a space or separator. */
const value = /(?:\\{0,2}"(?:[^"\\\n]|\\[^"\n]){1,4096}|'[^'\n]{1,4096}|[^\s"'&,;\\]{1,4096})/.source

/** A key and its secret, as in `client_secret=…`, `"password": "…"` or `client-key-data: …`. */
const namedSecret = new RegExp(
  `((?:passw(?:or)?d|passphrase|pwd|secret(?:[_-]?value)?|client_assertion|api[_-]?key|account[_-]?key|access[_-]?key|subscription[_-]?key|functions[_-]?key|private[_-]?key|shared[_-]?key|key-data|connection[_-]?string|(?:access|refresh|id|bearer|sas|auth|registry)[_-]?token|[\\w-]-token|(?<![\\w/-])(?:token|sig|credential|code))\\\\{0,2}["']?(\\s{0,4}[:=]\\s{0,4}))(${value})`,
  'gi',
)

/** The flags of az, kubectl, docker, helm, curl and database clients that take a secret. */
const secretFlag = new RegExp(
  `((?<![\\w-])(?:-p|--?(?:[a-z]{1,20}-){0,3}(?:passw(?:or)?d|pass|passphrase|pwd|token|secret|secret-value|(?:account|access|api|storage|private|shared|primary)-key|connection-string|assertion|credential)|--value|-[a-z]{0,20}(?:secret|password|accountkey|accesskey))(?:=|\\s{1,8}))(${value})`,
  'gi',
)

const otherSecrets: readonly [format: RegExp, replacement: string][] = [
  // Also matches a truncated key.
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, '(key)'],
  [/\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g, '(token)'],
  [
    /(\b(?:proxy-)?authorization\\{0,2}["']?\s{0,4}[:=]\s{0,4}\\{0,2}["']?)(?!\(|https?:)[^\s"'\\]{1,4096}(?: {1,4}(?!\()[^\s"'\\,]{8,4096})?/gi,
    '$1(secret)',
  ],
  [/\b(Bearer|Basic) {1,8}(?!authorization|realm)[\w.~+/-]{8,}=*/gi, '$1 (token)'],
  [/((?<![\w-])(?:-u|--user) {1,8}["']?[^\s:"']{1,128}):[^\s"']{1,512}/g, '$1:(secret)'],
  [/(--from-literal[= ]["']?[\w.-]{1,128}=)[^\s"']{1,4096}/g, '$1(secret)'],
  // Entra client secrets, then opaque refresh tokens.
  [/(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{20,}/g, '(secret)'],
  [/\b[01]\.A[\w-]{40,}(?:\.[\w-]+)*/g, '(token)'],
  [/:\/\/[^\s/:@]{0,256}:[^\s/]{1,1024}@/g, '://(secret)@'],
  // Storage keys and other long base64 values; purely hexadecimal text is a thumbprint.
  [/(?<![\w+/=.-])(?=[\w+/]{0,4096}[g-zG-Z+/])[A-Za-z0-9+/]{60,}={0,2}(?![\w-])/g, '(long value)'],
]

/** A reference to a secret, or what another tool has left of one. */
const harmless = /^\\{0,2}["']?(?:\*{2,}|<|\$[({\w]|%\w+%|\{\{|\(|-{1,2}[a-z]|null$|true$|false$|…|x{3,}$)/

/** Error codes after `code`, and ports or paths after `-p`, are not secrets. */
const redactNamed = (match: string, key: string, separator: string, text: string): string => {
  const bare = text.replace(/^[\\"']{1,3}/, '')
  if (/^code/i.test(key))
    return bare.length < 24 || /^[A-Z][A-Za-z]*\d?[A-Za-z]*$/.test(bare) ? match : `${key}(secret)`
  // "failed to fetch token: Post", "secret: db-password"
  const isProse = /\s$/.test(separator) && /^(?:\(?[a-z-]+\)?|[A-Za-z]{1,7})$/.test(bare)
  return harmless.test(text) || isProse ? match : `${key}${text.slice(0, text.length - bare.length)}(secret)`
}

const redactFlag = (match: string, key: string, text: string): string => {
  const bare = text.replace(/^[\\"']{1,3}/, '')
  const isOther = /^-p/.test(key) && /^(?:\d{1,5}(?::\d{1,5})*(?:\/\w+)?$|\/|\.|[{[])/.test(bare)
  const isReference = /^(?:\*{2,}|<|\$[({\w]|%\w+%|\{\{|\(|…|-{1,2}[a-z])/.test(bare)
  return isOther || isReference ? match : `${key}${text.slice(0, text.length - bare.length)}(secret)`
}

/** Returns the text without tokens, keys and named secrets, so that a pasted log is safe to show. */
export const redactText = (text: string): string =>
  otherSecrets
    .reduce((redacted, [format, replacement]) => redacted.replace(format, replacement), text)
    .replace(secretFlag, redactFlag)
    .replace(namedSecret, redactNamed)

const secretParameters = /^(sig|t|c|s|h|se|code|token|access_token|client_secret|\$skiptoken)$/i

/** Returns the address for people; unchanged if it has bytes that are not UTF-8, such as `%ff`. */
function decoded(address: string): string {
  try {
    return decodeURI(address)
  } catch {
    return address
  }
}

/** Returns the URL with signatures and tokens in its query replaced by `REDACTED`. */
export function redactUrl(address: string): string {
  const url = new URL(address)
  for (const name of new Set(url.searchParams.keys()))
    if (secretParameters.test(name)) url.searchParams.set(name, 'REDACTED')
  return decoded(url.href)
}
