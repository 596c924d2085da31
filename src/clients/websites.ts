/** A file of a static website, with the headers that its readers get. */
export interface WebFile {
  text: string
  contentType: string
  cacheControl: string
}

/** The files of static websites of Azure Storage, which are blobs of the container `$web`. */
export interface Websites {
  /** `blobEndpoint`: the address of the storage account from Azure. Returns undefined if there is no such file. */
  read(blobEndpoint: string, path: string): Promise<WebFile | undefined>
  /** Creates or replaces the file. */
  write(blobEndpoint: string, path: string, file: WebFile): Promise<void>
}
