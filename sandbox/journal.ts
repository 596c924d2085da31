/** One served request, without bodies, headers or query: nothing secret can be in it. */
export interface JournalEntry {
  n: number
  at: string
  method: string
  host: string
  path: string
  status: number
  ms: number
  /** True for a request that could have changed the world (token requests, reviews and dry runs do not count). */
  write: boolean
}

const readsByPost =
  /\/(oauth2\/(v2\.0\/)?token|oauth2\/v2\.0\/devicecode|listcluster(user|admin)credential|checknameavailability|(self|local)?subject(access|rules)?reviews|tokenreviews|serviceaccounts\/[^/]+\/token|directoryobjects\/getbyids|\$batch)$/i

export const isWrite = (method: string, path: string, dryRun: boolean) =>
  !['GET', 'HEAD', 'OPTIONS'].includes(method) && !dryRun && !readsByPost.test(path)
