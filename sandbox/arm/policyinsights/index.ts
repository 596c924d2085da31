import type { Reply } from '../../http.ts'
import { type Violation, violationsOf } from '../authorization/policies.ts'
import { ArmError } from '../errors.ts'
import type { ResourceProvider } from '../provider.ts'
import type { ArmRequest, ArmRoute } from '../request.ts'
import { parseBody } from '../request-body.ts'

const namespace = 'Microsoft.PolicyInsights'
const operation = 'checkPolicyRestrictions'
const versions = ['2024-10-01', '2023-03-01', '2022-03-01']

/** Source: specification of Microsoft.PolicyInsights 2024-10-01, `CheckRestrictionsResult`. */
const evaluationOf = ({ assignmentId, definitionId, expression }: Violation) => ({
  policyInfo: { policyDefinitionId: definitionId, policyAssignmentId: assignmentId },
  evaluationResult: 'NonCompliant',
  evaluationDetails: {
    evaluatedExpressions: [
      {
        result: 'True',
        expressionKind: 'Field',
        expression: expression.path,
        path: expression.path,
        ...(expression.value === undefined ? {} : { expressionValue: expression.value }),
        targetValue: expression.target,
        operator: expression.operator,
      },
    ],
  },
  effectDetails: { policyEffect: 'Deny' },
})

/** Evaluates the policies of a scope for the content of a resource that may not exist yet. Writes nothing. */
function check({ call, simulator, id }: ArmRequest): Reply {
  const { resourceDetails: details } = parseBody<{
    resourceDetails?: { resourceContent?: Record<string, unknown>; scope?: string }
  }>(call, {
    resourceDetails: { resourceContent: 'object', apiVersion: 'string', scope: 'string' },
    pendingFields: ['object'],
  })
  const content = details?.resourceContent
  if (typeof content?.type !== 'string')
    throw new ArmError(
      400,
      'InvalidCheckRestrictionsRequest',
      "The 'resourceContent.type' property is required.",
    )
  const scope = details?.scope ?? id.replace(/\/providers\/Microsoft\.PolicyInsights\/.*$/i, '')
  const resource = `${scope}/providers/${content.type}/${content.name ?? ''}`
  const violations = violationsOf(simulator, resource, { type: content.type, content })
  return {
    status: 200,
    body: {
      fieldRestrictions: [],
      contentEvaluationResult: { policyEvaluations: violations.map(evaluationOf) },
    },
  }
}

const routeAt = (scope: string): ArmRoute => ({
  method: 'POST',
  path: `${scope}/providers/${namespace}/${operation}`,
  action: `${namespace}/${operation}/read`,
  handler: check,
})

export const policyInsightsProvider: ResourceProvider = {
  namespace,
  types: [{ name: operation, versions, global: true }],
  routes: [
    routeAt('/subscriptions/:subscription'),
    routeAt('/subscriptions/:subscription/resourceGroups/:group'),
  ],
}
