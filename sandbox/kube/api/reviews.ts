import type { Simulator } from '../../simulator.ts'
import { userOfToken } from '../auth/authentication.ts'
import { type AccessAttributes, authorize, boundRoles } from '../auth/rbac.ts'
import type { User } from '../auth/tokens.ts'
import { badRequest } from '../errors.ts'
import { isMap } from '../objects/patches.ts'
import type { JsonObject, KubeCluster } from '../state.ts'

function attemptOf(spec: JsonObject): AccessAttributes {
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

const access = (cluster: KubeCluster, user: User, spec: JsonObject) => {
  const { allowed, reason } = authorize(cluster, user, attemptOf(spec))
  return { allowed, ...(reason ? { reason } : {}) }
}

function rules(cluster: KubeCluster, user: User, namespace: string): JsonObject {
  const masters = {
    rules: [
      { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
      { nonResourceURLs: ['*'], verbs: ['*'] },
    ],
  }
  const all = (
    user.groups.includes('system:masters') ? [masters] : boundRoles(cluster, user, namespace)
  ).flatMap((grant) => grant.rules as JsonObject[])
  return {
    resourceRules: all
      .filter((rule) => rule.resources)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames ? { resourceNames } : {}),
      })),
    nonResourceRules: all
      .filter((rule) => rule.nonResourceURLs)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  }
}

/** Refuses an attempt whose parts are no text: 400, as Go's decoder does. */
function checkTypes(
  kind: string,
  { user, groups, resourceAttributes, nonResourceAttributes }: JsonObject,
): void {
  const texts = [user, ...Object.values({ ...resourceAttributes, ...nonResourceAttributes })]
  const wrong = texts.find((each) => each != null && typeof each !== 'string' && !isMap(each))
  const isList = groups == null || (Array.isArray(groups) && groups.every((each) => typeof each === 'string'))
  if (wrong !== undefined || !isList)
    throw badRequest(
      `${kind} in version "v1" cannot be handled as a ${kind}: json: cannot unmarshal into Go struct field ${kind}Spec.spec`,
    )
}

const subject = (spec: JsonObject): User => ({ username: spec.user ?? '', groups: spec.groups ?? [] })

/** Answers the reviews: what may I, what may they, who am I, whose is this token. */
export async function answerReview(
  simulator: Simulator,
  cluster: KubeCluster,
  user: User,
  kind: string,
  body: JsonObject,
): Promise<JsonObject> {
  const spec = (body.spec ?? {}) as JsonObject
  checkTypes(kind, spec)
  const answers: Record<string, () => JsonObject | Promise<JsonObject>> = {
    SelfSubjectAccessReview: () => access(cluster, user, spec),
    SubjectAccessReview: () => access(cluster, subject(spec), spec),
    LocalSubjectAccessReview: () => access(cluster, subject(spec), spec),
    SelfSubjectRulesReview: () => rules(cluster, user, spec.namespace ?? ''),
    SelfSubjectReview: () => ({ userInfo: user }),
    TokenReview: async () => {
      const holder = await userOfToken(simulator, cluster, spec.token ?? '').catch(() => undefined)
      return holder ? { authenticated: true, user: holder } : { user: {}, error: 'invalid bearer token' }
    },
  }
  return {
    kind,
    apiVersion: body.apiVersion,
    metadata: body.metadata ?? {},
    ...(kind === 'SelfSubjectReview' ? {} : { spec }),
    status: await answers[kind]!(),
  }
}
