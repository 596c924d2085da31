import type { SeededFault } from './fault.ts'

type Code = SeededFault['code']

/** Two faults that are seeded together; `hides` if the first one makes it impossible to judge the second. */
export interface Pair {
  faults: readonly [SeededFault, SeededFault]
  hides: string | undefined
}

/** The first fault with the code, or the one with this description. */
interface Choice {
  code: Code
  description?: string
}

/** One fault of each family of checks, by the part of the chain that it breaks. */
const families: readonly Choice[] = [
  { code: 'WI701' },
  { code: 'WI108' },
  { code: 'WI114' },
  { code: 'WI209' },
  { code: 'WI110', description: "the annotation has the identity's object ID" },
  { code: 'WI113' },
  { code: 'WI104' },
  { code: 'WI301' },
  { code: 'WI206' },
  { code: 'WI501' },
  { code: 'WI504' },
  { code: 'WI507' },
  { code: 'WI604' },
]

/** Faults behind which another one can't be seen, by anyone. Every other pair must be reported in full. */
const hiding: readonly { code: Code; hides: readonly Code[]; why: string }[] = [
  {
    code: 'WI701',
    hides: ['WI108', 'WI114', 'WI209', 'WI110', 'WI113', 'WI104', 'WI301', 'WI206', 'WI501', 'WI604'],
    why: 'a stopped cluster tells neither its objects nor which identity its service account uses',
  },
  {
    code: 'WI504',
    hides: ['WI507'],
    why: 'a vault that this machine does not reach says nothing about its secrets',
  },
  ...(['WI108', 'WI114', 'WI110', 'WI113', 'WI104', 'WI501', 'WI504', 'WI507'] as const).map((code) => ({
    code,
    hides: ['WI604'] as const,
    why: 'without access of its own, the sample fails whatever else is wrong with it',
  })),
]

/** Pairs of the same family, or with a code that has no family of its own. */
const further: readonly [Code, Code][] = [
  ['WI103', 'WI301'],
  ['WI106', 'WI206'],
  ['WI105', 'WI305'],
  ['WI102', 'WI503'],
  ['WI111', 'WI209'],
  ['WI114', 'WI303'],
  ['WI104', 'WI505'],
  ['WI206', 'WI510'],
  ['WI304', 'WI504'],
  ['WI201', 'WI507'],
  ['WI201', 'WI209'],
  ['WI201', 'WI303'],
  ['WI206', 'WI304'],
  ['WI407', 'WI305'],
  ['WI110', 'WI303'],
  ['WI114', 'WI510'],
]

const withoutClientId: Choice = { code: 'WI205', description: 'the client ID annotation is deleted' }
const furtherChoices: readonly (readonly [Choice, Choice])[] = [
  ...further.map(([one, other]) => [{ code: one }, { code: other }] as const),
  ...(['WI206', 'WI301', 'WI504', 'WI507'] as const).map((code) => [withoutClientId, { code }] as const),
]

const choose = (all: readonly SeededFault[], { code, description }: Choice): SeededFault | undefined =>
  all.find(
    (each) =>
      (each.fixture ?? 'app') === 'app' &&
      !each.discardFixture &&
      each.code === code &&
      (description ?? each.description) === each.description,
  )

const pairOf = (one: SeededFault, other: SeededFault): Pair => ({
  faults: [one, other],
  hides: hiding.find(({ code, hides }) => code === one.code && hides.includes(other.code))?.why,
})

/** Returns every pair of families. */
export function familyPairs(all: readonly SeededFault[]): Pair[] {
  const faults = families.map((each) => choose(all, each)!)
  return faults.flatMap((one, index) => faults.slice(index + 1).map((other) => pairOf(one, other)))
}

/** Returns the pairs within a family, or with a code that has no family of its own, if both faults are among these. */
export const furtherPairs = (all: readonly SeededFault[]): Pair[] =>
  furtherChoices.flatMap((choices) => {
    const [one, other] = choices.map((each) => choose(all, each))
    return one && other ? [pairOf(one, other)] : []
  })
