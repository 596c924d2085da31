/** Returns the address without the slashes at its end. */
export const withoutTrailingSlash = (address: string): string => address.replace(/(?<!\/)\/+$/, '')
