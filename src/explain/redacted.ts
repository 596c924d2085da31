/** Words after which a secret stands, as in `client_secret=…`, `"password": "…"` or `client-key-data: …`. */
const named =
  /((?<![\w/-])(?:[\w.-]*(?:passw(?:or)?d|pwd|secret(?:[_-]?value)?|client_assertion|(?:access|refresh|id|bearer|sas|auth)[_-]?token|api[_-]?key|account[_-]?key|access[_-]?key|private[_-]?key|key-data|connection[_-]?string)|token|sig|credential|code)["']?\s*[:=]\s*["']?)([^\s"'&,;]{8,})/gi

const shapes: readonly [RegExp, string][] = [
  // A key, also one that is cut off.
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '(key)'],
  [/\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g, '(token)'],
  [/\b(Bearer|Basic) +(?!authorization|realm)[\w.~+/-]{8,}=*/gi, '$1 (token)'],
  // Entra's client secrets, and opaque refresh tokens.
  [/(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{20,}/g, '(secret)'],
  [/\b[01]\.A[\w-]{40,}(?:\.[\w-]+)*/g, '(token)'],
  [/:\/\/[^\s/:@]+:[^\s/@]+@/g, '://(secret)@'],
  // Storage keys and other long values in base64; what is only hexadecimal is a thumbprint.
  [/(?<![\w+/=.-])(?=[\w+/]*[g-zG-Z+/])[A-Za-z0-9+/]{60,}={0,2}(?![\w-])/g, '(long value)'],
]

/** Without tokens, keys and what is named a secret: safe to show, also of a log that somebody pasted. */
export const redacted = (text: string): string =>
  shapes
    .reduce((shown, [shape, instead]) => shown.replace(shape, instead), text)
    .replace(named, (all, before: string, value: string) =>
      /^\(?[a-z-]+\)?$/.test(value) ? all : `${before}(secret)`,
    )
