import type { WebFile } from '../../../clients/websites.ts'

/** Where the documents of an issuer are published. */
export interface Destination {
  /** As in "in the static website of stshop". */
  title: string
  /** The issuer's URL, exactly as in the tokens' `iss`. */
  issuer: string
  /** What has to be created or changed before files can be written, for the plan; empty for none. */
  changes: readonly string[]
  prepare(): Promise<void>
  /** `path`: relative to the issuer's URL. */
  read(path: string): Promise<WebFile | undefined>
  write(path: string, file: WebFile): Promise<void>
}
