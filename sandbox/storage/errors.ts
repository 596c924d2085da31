/** A request that a data plane of a storage account rejects. Each service has its own format for it. */
export class StorageError extends Error {
  readonly status: number
  readonly code: string
  /** Text of `AuthenticationErrorDetail`. */
  readonly detail: string | undefined
  readonly headers: Record<string, string>

  constructor(
    status: number,
    code: string,
    message: string,
    { detail, headers = {} }: { detail?: string; headers?: Record<string, string> } = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.detail = detail
    this.headers = headers
  }
}

export type CollectionNoun = 'Container' | 'Queue' | 'Table' | 'Filesystem'

const absent: Record<CollectionNoun, string> = {
  Container: 'The specified container does not exist.',
  Queue: 'The specified queue does not exist.',
  Table: 'The table specified does not exist.',
  Filesystem: 'The specified filesystem does not exist.',
}

export const collectionNotFound = (noun: CollectionNoun) =>
  new StorageError(404, `${noun}NotFound`, absent[noun])

export const alreadyExists = (noun: CollectionNoun) =>
  new StorageError(
    409,
    `${noun}AlreadyExists`,
    noun === 'Table'
      ? 'The table specified already exists.'
      : `The specified ${noun.toLowerCase()} already exists.`,
  )

export const beingDeleted = (noun: CollectionNoun) =>
  new StorageError(
    409,
    `${noun}BeingDeleted`,
    `The specified ${noun.toLowerCase()} is being deleted. Try operation later.`,
  )

export const blobNotFound = () => new StorageError(404, 'BlobNotFound', 'The specified blob does not exist.')

export const resourceNotFound = () =>
  new StorageError(404, 'ResourceNotFound', 'The specified resource does not exist.')

export const invalidResourceName = () =>
  // The spelling is the service's.
  new StorageError(400, 'InvalidResourceName', 'The specifed resource name contains invalid characters.')

export const permissionMismatch = () =>
  new StorageError(
    403,
    'AuthorizationPermissionMismatch',
    'This request is not authorized to perform this operation using this permission.',
  )

export const authorizationFailure = () =>
  new StorageError(403, 'AuthorizationFailure', 'This request is not authorized to perform this operation.')

export const publicAccessNotPermitted = () =>
  new StorageError(409, 'PublicAccessNotPermitted', 'Public access is not permitted on this storage account.')

export const sharedKeyNotPermitted = () =>
  new StorageError(
    403,
    'KeyBasedAuthenticationNotPermitted',
    'Key based authentication is not permitted on this storage account.',
  )

export const authenticationFailed = (detail: string) =>
  new StorageError(
    403,
    'AuthenticationFailed',
    'Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.',
    { detail },
  )

export const missingHeader = () =>
  new StorageError(
    400,
    'MissingRequiredHeader',
    'An HTTP header that is mandatory for this request is not specified.',
  )

export const invalidHeader = () =>
  new StorageError(
    400,
    'InvalidHeaderValue',
    'The value for one of the HTTP headers is not in the correct format.',
  )

export const invalidQuery = () =>
  new StorageError(
    400,
    'InvalidQueryParameterValue',
    'Value for one of the query parameters specified in the request URI is invalid.',
  )

export const invalidXml = () =>
  new StorageError(400, 'InvalidXmlDocument', 'The specified XML is not syntactically valid.')

/** Ends the message of an error that Azure might not return. */
const sandboxOnly = ' (Azure may have it: the sandbox simulates only what wi-setup needs.)'

export const unsupportedVerb = () =>
  new StorageError(
    405,
    'UnsupportedHttpVerb',
    `The resource doesn't support specified Http Verb.${sandboxOnly}`,
  )
