interface EntraError {
  code: string
  message: string
  requestId: string | undefined
}

/** Returns the AADSTS code, message and trace ID in a text from Entra or its libraries; undefined if it has no code. */
export function parseEntraError(text: string): EntraError | undefined {
  const requestId = /Trace ID: ([\w-]+)/.exec(text)?.[1]
  const match = /(AADSTS\d+):?\s*(.*)/s.exec(text)
  if (!match) {
    // MSAL reports only the number.
    const number = /Error\(s\): (\d+)/.exec(text)?.[1]
    return number ? { code: `AADSTS${number}`, message: text, requestId } : undefined
  }
  const [, code = '', rest = ''] = match
  const message = rest
    .split(/(?<!\s)\s*(?:- )?(?:Trace ID|Correlation ID|Timestamp):/)[0]!
    .replace(/\s+/g, ' ')
    .trim()
  return { code, message: message || code, requestId }
}
