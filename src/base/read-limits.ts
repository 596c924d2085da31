const kib = 1024
const mib = 1024 * kib

/** The most bytes of a response, after decompression, by what is read. */
export const responseLimits = {
  /** Discovery documents, key sets, tokens and cloud metadata. */
  document: mib,
  /** Everything else: resources, lists, logs. */
  response: 32 * mib,
} as const

export type ResponseKind = keyof typeof responseLimits

/** Limits for untrusted input. Larger input is an error, and is not read to its end. */
export const readLimits = {
  /** Response headers in bytes: the limit of Node.js. */
  headers: 16 * kib,
  /** Objects and arrays within each other in a JSON document. */
  depth: 200,
  /** Values in a JSON document. */
  values: 500_000,
  /** Pages of a list, and items on all of them. */
  pages: 1_000,
  items: 100_000,
  /** Output of a program in bytes. */
  programOutput: 16 * mib,
  /** Time in ms for a program that signs in. */
  signInProgram: 120_000,
  /** A kubeconfig, or a file that it names, in bytes. */
  configFile: 4 * mib,
  /** A manifest, and what a secret's value is read from, in bytes. */
  manifest: 16 * mib,
  secretInput: mib,
  /** Characters of an error message. */
  message: 4_000,
} as const

/** Returns what follows the name of an input that is larger than the limit. */
export const tooLargeText = (limit: number): string => `is larger than ${sizeText(limit)}, which is the limit`

/** Returns a number of bytes as in `32 MB`. */
export const sizeText = (bytes: number): string => (bytes >= mib ? `${bytes / mib} MB` : `${bytes / kib} KB`)
