import { undefinedIfNotFound } from '../errors.ts'
import type { Kubernetes, KubernetesRight } from '../kubernetes.ts'
import type { KubeRequests } from './requests.ts'

type AccessReviews = Pick<Kubernetes, 'can' | 'canUser' | 'ownRights' | 'callerName'>

interface RulesStatus {
  incomplete?: boolean
  resourceRules?: KubernetesRight[]
  nonResourceRules?: KubernetesRight[]
}

/** Returns the groups of a service account, which the API server doesn't add to a review itself. */
const groupsOf = (user: string): string[] => {
  const [, namespace] = /^system:serviceaccount:([^:]+):/.exec(user) ?? []
  return namespace === undefined
    ? ['system:authenticated']
    : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
}

/** Requests about permissions, which the API server evaluates without storing an object. */
export function makeAccessReviews({ call }: KubeRequests): AccessReviews {
  const review = async <Status>(group: string, kind: string, spec?: object): Promise<Status> => {
    const path = `/apis/${group}/v1/${kind.toLowerCase()}s`
    const body = { apiVersion: `${group}/v1`, kind, ...(spec ? { spec } : {}) }
    return (await call<{ status: Status }>('POST', path, { body })).status
  }
  const authorization = 'authorization.k8s.io'
  return {
    async can({ verb, resource, group = '', ...rest }) {
      const spec = { resourceAttributes: { verb, group, resource, ...rest } }
      return (await review<{ allowed: boolean }>(authorization, 'SelfSubjectAccessReview', spec)).allowed
    },

    async canUser(user, { verb, resource, group = '', ...rest }) {
      const spec = { user, groups: groupsOf(user), resourceAttributes: { verb, group, resource, ...rest } }
      return (await review<{ allowed: boolean }>(authorization, 'SubjectAccessReview', spec)).allowed
    },

    async ownRights(namespace) {
      const status = await review<RulesStatus>(authorization, 'SelfSubjectRulesReview', { namespace })
      if (status.incomplete) return undefined
      return [...(status.resourceRules ?? []), ...(status.nonResourceRules ?? [])]
    },

    async callerName() {
      const status = await undefinedIfNotFound(
        review<{ userInfo: { username: string } }>('authentication.k8s.io', 'SelfSubjectReview'),
      )
      return status?.userInfo.username
    },
  }
}
