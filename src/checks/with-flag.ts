/** A command line with another value for one flag, in place of the one that it has. */
export const withFlag = (line: string, flag: string, value: string): string =>
  `${line.replace(new RegExp(` ${flag} (?:"[^"]*"|'[^']*'|\\S+)`), '')} ${flag} ${value}`
