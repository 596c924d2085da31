import type { Simulator } from '../../simulator.ts'
import type { AccessAttributes } from '../auth/access-attributes.ts'
import { userOfToken } from '../auth/authentication.ts'
import { authorize, boundRoles } from '../auth/rbac.ts'
import type { User } from '../auth/tokens.ts'
import { badRequest } from '../errors.ts'
import { isMap } from '../objects/patches.ts'
import type { JsonObject, KubeCluster } from '../state.ts'

function accessAttributes(spec: JsonObject): AccessAttributes {
  const attributes = spec.resourceAttributes as JsonObject | undefined
  if (attributes)
    return {
      verb: attributes.verb ?? '',
      group: attributes.group ?? '',
      resource: attributes.resource ?? '',
      ...(attributes.subresource ? { subresource: attributes.subresource } : {}),
      ...(attributes.namespace ? { namespace: attributes.namespace } : {}),
      ...(attributes.name ? { name: attributes.name } : {}),
    }
  const path = spec.nonResourceAttributes as JsonObject | undefined
  if (!path) throw badRequest('exactly one of nonResourceAttributes or resourceAttributes must be specified')
  return { verb: path.verb ?? '', path: path.path ?? '' }
}

const accessStatus = (cluster: KubeCluster, user: User, spec: JsonObject) => {
  const { allowed, reason } = authorize(cluster, user, accessAttributes(spec))
  return { allowed, ...(reason ? { reason } : {}) }
}

function rulesStatus(cluster: KubeCluster, user: User, namespace: string): JsonObject {
  const clusterAdminRole = {
    rules: [
      { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
      { nonResourceURLs: ['*'], verbs: ['*'] },
    ],
  }
  const rules = (
    user.groups.includes('system:masters') ? [clusterAdminRole] : boundRoles(cluster, user, namespace)
  ).flatMap((grant) => grant.rules as JsonObject[])
  return {
    resourceRules: rules
      .filter((rule) => rule.resources)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames ? { resourceNames } : {}),
      })),
    nonResourceRules: rules
      .filter((rule) => rule.nonResourceURLs)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    ...(user.mayByAzure
      ? {
          incomplete: true,
          evaluationError: 'webhook authorizer does not support user rule resolution',
        }
      : { incomplete: false }),
  }
}

/** Checks that the spec's members are strings. Throws 400 with the error of Go's decoder. */
function checkSpecTypes(
  kind: string,
  { user, groups, resourceAttributes, nonResourceAttributes }: JsonObject,
): void {
  const members = [user, ...Object.values({ ...resourceAttributes, ...nonResourceAttributes })]
  const mistyped = members.find((each) => each != null && typeof each !== 'string' && !isMap(each))
  const isList = groups == null || (Array.isArray(groups) && groups.every((each) => typeof each === 'string'))
  if (mistyped !== undefined || !isList)
    throw badRequest(
      `${kind} in version "v1" cannot be handled as a ${kind}: json: cannot unmarshal into Go struct field ${kind}Spec.spec`,
    )
}

const subjectOf = (spec: JsonObject): User => ({ username: spec.user ?? '', groups: spec.groups ?? [] })

/** Handles an access, rules, subject or token review. */
export async function answerReview(
  simulator: Simulator,
  cluster: KubeCluster,
  user: User,
  kind: string,
  body: JsonObject,
): Promise<JsonObject> {
  const spec = (body.spec ?? {}) as JsonObject
  checkSpecTypes(kind, spec)
  const statusByKind: Record<string, () => JsonObject | Promise<JsonObject>> = {
    SelfSubjectAccessReview: () => accessStatus(cluster, user, spec),
    SubjectAccessReview: () => accessStatus(cluster, subjectOf(spec), spec),
    LocalSubjectAccessReview: () => accessStatus(cluster, subjectOf(spec), spec),
    SelfSubjectRulesReview: () => rulesStatus(cluster, user, spec.namespace ?? ''),
    SelfSubjectReview: () => ({ userInfo: user }),
    TokenReview: async () => {
      const tokenUser = await userOfToken(simulator, cluster, spec.token ?? '').catch(() => undefined)
      return tokenUser
        ? { authenticated: true, user: tokenUser }
        : { user: {}, error: 'invalid bearer token' }
    },
  }
  return {
    kind,
    apiVersion: body.apiVersion,
    metadata: body.metadata ?? {},
    ...(kind === 'SelfSubjectReview' ? {} : { spec }),
    status: await statusByKind[kind]!(),
  }
}
