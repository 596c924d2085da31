/** Addresses in a private network. */
const privateAddress =
  /^https:\/\/([^/]*\.(svc|local)|10\.[\d.]+|127\.[\d.]+|192\.168\.[\d.]+|172\.(1[6-9]|2\d|3[01])\.[\d.]+|\[f[cd][^\]]*\])([./:]|$)/

/** Returns whether Entra can't read the issuer, as its URL tells. */
export const isPrivateIssuer = (issuer: string): boolean =>
  !issuer.startsWith('https://') || privateAddress.test(issuer)
