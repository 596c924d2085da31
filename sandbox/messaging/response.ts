/** What a request node replies. */
export interface Response {
  status: number
  description: string
  /** Only of errors. */
  condition?: string
  body?: unknown
}
