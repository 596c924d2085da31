/** Each way in which a value could be written down. */
export const encodingsOf = (value: string): Buffer[] => {
  const bytes = Buffer.from(value)
  const core = bytes.subarray(0, 11)
  // Base64 of a text within another one depends on where it begins; its first and last signs are its neighbours' too.
  const base64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes.subarray(0, 24)])
      .toString('base64')
      .slice(before === 0 ? 0 : 4, -4),
  )
  const hex = core.toString('hex')
  return [
    ...[core, Buffer.from(core.toString('utf8'), 'utf16le')],
    ...[
      ...base64,
      ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
      hex,
      hex.toUpperCase(),
    ].map((text) => Buffer.from(text)),
    Buffer.from([...core].map((byte) => `%${byte.toString(16)}`).join('')),
  ]
}

/** An access token, or one of a service account. */
export const tokenPattern = /eyJ[\w-]{8,}\.[\w-]+/
