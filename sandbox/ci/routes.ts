import type { Reply } from '../http.ts'
import { createRouter, type Route } from '../router.ts'
import { getJobToken, getRepository, getSubject, listEnvironments, putSubject } from './github.ts'
import { issuerUrl } from './hosts.ts'
import type { CiRequest } from './request.ts'
import { publicKeys } from './tokens.ts'

function getDiscovery({ simulator, system }: CiRequest): Reply {
  const issuer = issuerUrl(simulator, system)
  return {
    status: 200,
    body: {
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public', 'pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
    },
  }
}

const getKeys = async ({ simulator }: CiRequest): Promise<Reply> => ({
  status: 200,
  body: await publicKeys(simulator),
})

const documents = (base: string): Route<CiRequest>[] => [
  { method: 'GET', path: `${base}/.well-known/openid-configuration`, handler: getDiscovery },
  { method: 'GET', path: `${base}/.well-known/jwks`, handler: getKeys },
]

const repository = '/api/v3/repos/:owner/:repo'

/** GitHub has the paths of GitHub Enterprise Server. */
const github: Route<CiRequest>[] = [
  ...documents('/_services/token'),
  { method: 'GET', path: '/_services/jobs/token', handler: getJobToken },
  { method: 'GET', path: repository, handler: getRepository },
  { method: 'GET', path: `${repository}/environments`, handler: listEnvironments },
  { method: 'GET', path: `${repository}/actions/oidc/customization/sub`, handler: getSubject },
  { method: 'PUT', path: `${repository}/actions/oidc/customization/sub`, handler: putSubject },
]

const others = documents('')
const findGitHub = createRouter(github, { caseSensitive: true })
const findOther = createRouter(others, { caseSensitive: true })

export const findRoute = ({ system }: Pick<CiRequest, 'system'>, method: string, path: string) =>
  system === 'github' ? findGitHub(method, path) : findOther(method, path)
