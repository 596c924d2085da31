/** An escape, a character class, a space, or a quantifier without an upper limit. */
const part = /\\.|\[(?:\\.|[^\]\\])*\]| (?![?*+{])|[*+]|\{(\d+),\}/gs

/** Longer than every value that the services accept: an issuer or a subject has at most 600 characters. */
const most = 640

/** Returns the source with a limit on every repetition, and each space replaced. */
const boundedSource = ({ source }: RegExp, space: string) =>
  source.replace(part, (text, least: string | undefined) => {
    if (text === ' ') return space
    if (text === '*') return `{0,${most}}`
    if (text === '+') return `{1,${most}}`
    return least === undefined ? text : `{${least},${Math.max(most, Number(least))}}`
  })

/**
 * Returns the pattern with a limit on every repetition. It searches any text in linear time: an unlimited repetition
 * could be tried up to the end of the text from each character.
 */
export const boundedPattern = (pattern: RegExp): RegExp =>
  new RegExp(boundedSource(pattern, ' '), pattern.flags)

/** Returns the bounded pattern for all matches in a text in which some tool (Terraform) has wrapped the lines. */
export const wrappedPattern = (pattern: RegExp): RegExp =>
  new RegExp(boundedSource(pattern, '\\s{1,40}'), pattern.flags.includes('i') ? 'gi' : 'g')
