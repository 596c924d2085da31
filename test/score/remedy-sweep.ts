import type { Argv } from '../../src/base/command.ts'
import { noTarget, scriptText } from '../../src/base/command-text.ts'
import { hostileNames, makeShellBench, shells } from '../support/shells.ts'

type Pipelines = readonly (readonly (readonly string[])[])[]

/** The commands that fix a finding, and the names of other people's resources in them. */
export interface PrintedRemedy {
  code: string
  commands: Pipelines
  names: readonly string[]
}

export interface SweepResult {
  codes: number
  commands: number
  evaluations: number
  faults: string[]
}

const placeholder = '\u0000'

/** Returns the commands with a placeholder in place of each name. */
function shapeOf({ commands, names }: PrintedRemedy): Pipelines {
  const longestFirst = [...new Set(names)]
    .filter((name) => name.length > 2)
    .sort((a, b) => b.length - a.length)
  const masked = (word: string) =>
    longestFirst.reduce((text, name) => text.replaceAll(name, placeholder), word)
  return commands.map((pipeline) => pipeline.map(([program = '', ...args]) => [program, ...args.map(masked)]))
}

/**
 * Evaluates the commands of all printed remedies in each shell, with each hostile name in place of the resources' names:
 * the programs must get exactly the arguments, and nothing else may run.
 */
export function sweepRemedies(printed: readonly PrintedRemedy[]): SweepResult {
  const bench = makeShellBench()
  const shapes = new Map(printed.map((each) => [JSON.stringify(shapeOf(each)), shapeOf(each)]))
  const result: SweepResult = {
    codes: new Set(printed.map(({ code }) => code)).size,
    commands: shapes.size,
    evaluations: 0,
    faults: [],
  }
  try {
    for (const name of hostileNames) {
      const scripts = [...shapes.values()].map((pipelines) => ({
        pipelines: pipelines.map((pipeline) =>
          pipeline.map((argv) => argv.map((word) => word.replaceAll(placeholder, name)) as unknown as Argv),
        ),
      }))
      const text = scripts.map((script) => scriptText(script, noTarget)).join('\n')
      const expected = scripts.flatMap(({ pipelines }) => pipelines.flat().map((argv) => argv.join('\0')))
      for (const shell of shells) {
        const { calls, created, stderr } = bench.evaluate(shell, text)
        const got = calls.map((call) => call.join('\0')).toSorted()
        result.evaluations += scripts.length
        if (got.join('\n') !== expected.toSorted().join('\n') || created.length || stderr)
          result.faults.push(
            `${shell}, ${JSON.stringify(name)}: ${stderr || expected.find((each) => !got.includes(each)) || `created ${created}`}`,
          )
      }
    }
  } finally {
    bench.close()
  }
  return result
}
