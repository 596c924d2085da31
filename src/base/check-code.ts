/** The stable code of a check, such as `WI104`. */
export type CheckCode = `WI${number}`
