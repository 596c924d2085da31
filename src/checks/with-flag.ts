/** Returns the command line with the flag set to this value, replacing an earlier value of the same flag. */
export const withFlag = (commandLine: string, flag: string, value: string): string =>
  `${commandLine.replace(new RegExp(` ${flag} (?:"[^"]*"|'[^']*'|\\S+)`), '')} ${flag} ${value}`
