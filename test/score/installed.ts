import { mkdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { InProcessEnvironment } from '../support/in-process.ts'
import { startProcess } from '../support/process.ts'

/**
 * The folder of `npm install --global --prefix`. If it is set, verify and the fixes run by the program that the shell
 * finds there, and each fix must begin as this one is started.
 */
const { SCORE_PREFIX: prefix } = process.env

/** How the program's commands begin in its fixes. */
export const printedProgram = prefix ? ['wi-setup'] : ['npx', 'wi-setup']

const timeoutMs = 300_000

/** Returns the environment; with `SCORE_PREFIX`, one whose program is the installed one. */
export function withInstalledProgram(environment: InProcessEnvironment): InProcessEnvironment {
  if (!prefix) return environment
  const { root } = environment
  const variables = {
    PATH: [join(prefix, 'bin'), process.env.PATH].join(delimiter),
    HOME: root,
    XDG_STATE_HOME: join(root, 'state'),
    LANG: 'C.UTF-8',
    // For the callers that use the simulator as another cloud.
    NODE_EXTRA_CA_CERTS: environment.session.caFile,
  }
  return {
    ...environment,
    run(args, { cwd = root, input = '', env = {} } = {}) {
      mkdirSync(cwd, { recursive: true })
      const options = { cwd, input, env: { ...variables, ...env }, timeoutMs }
      return startProcess('sh', ['-c', 'wi-setup "$@"', 'sh', ...args], options).ended
    },
  }
}
