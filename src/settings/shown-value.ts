/** Returns the value for an error message; a long text is cut in its middle. */
export const shownValue = (value: unknown): unknown =>
  typeof value === 'string' && value.length > 200 ? `${value.slice(0, 120)}…${value.slice(-40)}` : value
