import type { Reply } from '../http.ts'

/** AKS serves the documents from Blob Storage, which returns XML errors. */
export const blobNotFound: Reply = {
  status: 404,
  headers: { 'content-type': 'application/xml' },
  body: '<?xml version="1.0" encoding="utf-8"?><Error><Code>BlobNotFound</Code><Message>The specified blob does not exist.</Message></Error>',
}

export const methodNotAllowed: Reply = { status: 405, headers: { allow: 'GET, HEAD' } }

/** The real cluster behind the issuer could not be read. */
export const clusterUnavailable = (error: Error): Reply => ({
  status: 503,
  headers: { 'content-type': 'text/plain' },
  body: error.message,
})
