/** A request as an authorizer sees it: for a resource, or for a path of the server. */
export type AccessAttributes =
  | {
      verb: string
      group: string
      resource: string
      subresource?: string
      namespace?: string
      name?: string
    }
  | { verb: string; path: string }
