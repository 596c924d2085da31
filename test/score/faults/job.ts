import { startGitHubJob } from '../../../sandbox/index.ts'
import { applicationPath, credentialsPath, type Fixture, type SeededFault, sandboxOf } from '../fault.ts'

const production = 'environment:production'

/** Makes verify run in a job of this context. */
export function enterJob(fixture: Fixture, context = production): void {
  const { simulator } = sandboxOf(fixture).sandbox
  const env = startGitHubJob(simulator, { repository: 'acme/shop', context })
  // Only administrators can read the form of the subjects.
  fixture.caller = { principalId: '', env: { ...env, GITHUB_TOKEN: 'of-an-administrator' } }
}

const repositoryOf = (fixture: Fixture) => sandboxOf(fixture).sandbox.state.ci.repositories[0]!
const signingKeyOf = (fixture: Fixture) => sandboxOf(fixture).sandbox.state.ci.signingKey!

/** Faults of a GitHub job, with verify running in the job. */
export const jobFaults: SeededFault[] = [
  {
    code: 'WI118',
    description: 'an issuer whose only key is for another algorithm',
    fixture: 'job',
    api: { none: 'the CI system chooses its keys' },
    seed: async (fixture) => Object.assign(signingKeyOf(fixture), { alg: 'ES256' }),
    manualRemedy: async (fixture) => Object.assign(signingKeyOf(fixture), { alg: 'RS256' }),
  },
  {
    code: 'WI119',
    description: 'the application of the job was deleted',
    fixture: 'job',
    api: 'Graph',
    seed: (fixture) => fixture.apis.graph('DELETE', applicationPath(fixture)),
    discardFixture: true,
  },
  {
    code: 'WI120',
    description: 'the federated credential of the job was deleted',
    fixture: 'job',
    api: 'Graph',
    seed: async (fixture) =>
      fixture.apis.graph('DELETE', `${await credentialsPath(fixture)}/${fixture.outputs.credential}`),
  },
  {
    code: 'WI121',
    description: 'the repository returned to subjects with names',
    fixture: 'job',
    api: { none: "the score has no client of GitHub's API" },
    seed: async (fixture) => Object.assign(repositoryOf(fixture).subject, { immutable: false }),
    alsoReported: ['WI122'],
    discardFixture: true,
  },
  {
    code: 'WI122',
    description: 'verify runs in the job of another environment',
    fixture: 'job',
    api: { none: 'the job that runs verify is no resource' },
    seed: async (fixture) => enterJob(fixture, 'environment:staging'),
    manualRemedy: async (fixture) => enterJob(fixture),
  },
]
