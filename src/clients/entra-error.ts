/** The code, the words and the trace id in what Entra or one of its libraries says; undefined if there is no code. */
export function parseEntraError(
  text: string,
): { code: string; message: string; requestId: string | undefined } | undefined {
  const found = /(AADSTS\d+):?\s*(.*)/s.exec(text)
  if (!found) {
    const number = /Error\(s\): (\d+)/.exec(text)
    return number ? { code: `AADSTS${number[1]}`, message: text, requestId: traceId(text) } : undefined
  }
  const [, code = '', rest = ''] = found
  const message = rest
    .split(/\s*(?:- )?(?:Trace ID|Correlation ID|Timestamp):/)[0]!
    .replace(/\s+/g, ' ')
    .trim()
  return { code, message: message || code, requestId: traceId(text) }
}

const traceId = (text: string) => /Trace ID: ([\w-]+)/.exec(text)?.[1]
