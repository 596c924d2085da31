/** Returns a value in every encoding in which it could leak. */
export const encodingsOf = (value: string): Buffer[] => {
  const bytes = Buffer.from(value)
  const core = bytes.subarray(0, 11)
  // The Base64 of a part of a text depends on its offset; its first and last characters depend on the neighbours.
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

/** Matches JSON Web Tokens. */
export const tokenPattern = /eyJ[\w-]{8,}\.[\w-]+/
