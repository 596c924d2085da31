/** `Properties` of a resource that has `publicNetworkAccess` and, in most services, address rules. */
type Properties = Record<string, unknown>

/** False if the resource can be reached by private endpoints only. */
export const hasPublicAccess = ({ publicNetworkAccess }: Properties): boolean =>
  !['disabled', 'securedbyperimeter'].includes(String(publicNetworkAccess ?? 'Enabled').toLowerCase())

/** Returns the addresses and ranges that a firewall allows; undefined if its default is to allow all. */
export function allowedAddresses(rules: unknown): string[] | undefined {
  const { defaultAction, ipRules } = (rules ?? {}) as {
    defaultAction?: string
    ipRules?: { value?: string }[]
  }
  return defaultAction?.toLowerCase() === 'deny'
    ? (ipRules ?? []).map(({ value }) => String(value ?? ''))
    : undefined
}
