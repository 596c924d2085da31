import { lazy } from '../lazy.ts'
import type { NewResource, Policies, PolicyDenial } from '../policies.ts'
import type { ArmContext } from './arm-context.ts'
import { sendJson } from './send-json.ts'

/** Source: specification of Microsoft.PolicyInsights 2024-10-01. */
interface CheckRestrictionsResult {
  contentEvaluationResult?: {
    policyEvaluations?: {
      policyInfo?: { policyAssignmentId?: string }
      evaluationResult?: string
      evaluationDetails?: {
        evaluatedExpressions?: {
          path?: string
          expression?: string
          expressionValue?: unknown
          operator?: string
          targetValue?: unknown
        }[]
      }
      effectDetails?: { policyEffect?: string }
    }[]
  }
}

type Evaluation = NonNullable<
  NonNullable<CheckRestrictionsResult['contentEvaluationResult']>['policyEvaluations']
>[number]

const isDenial = ({ evaluationResult, effectDetails }: Evaluation) =>
  /^noncompliant$/i.test(evaluationResult ?? '') && /^(deny)?$/i.test(effectDetails?.policyEffect ?? '')

const comparisonsOf = ({ evaluationDetails }: Evaluation): PolicyDenial['comparisons'] =>
  (evaluationDetails?.evaluatedExpressions ?? []).flatMap(
    ({ path, expression, expressionValue, operator, targetValue }) => {
      const field = path ?? expression
      // What kind of resource it is is no reason.
      if (field === undefined || operator === undefined || /^(type|kind)$/i.test(field)) return []
      return [{ field, is: expressionValue, operator, target: targetValue }]
    },
  )

export function makePolicies(arm: ArmContext): Policies {
  const client = lazy(async () => {
    const { AuthorizationManagementClient } = await import('@azure/arm-authorization')
    return new AuthorizationManagementClient(arm.credential, arm.subscription(), arm.options)
  })

  /** Returns the assignment's title; its name without the right to read it. */
  async function titleOf(id: string): Promise<string> {
    const name = id.split('/').at(-1) ?? id
    try {
      const { properties } = await sendJson<{ properties?: { displayName?: string } }>(arm, await client(), {
        url: `${arm.cloud.arm}${id}?api-version=2023-04-01`,
      })
      return properties?.displayName ?? name
    } catch {
      return name
    }
  }

  const check = async ({ scope, apiVersion, ...resourceContent }: NewResource) => {
    const result = await sendJson<CheckRestrictionsResult>(arm, await client(), {
      method: 'POST',
      url: `${arm.cloud.arm}${scope}/providers/Microsoft.PolicyInsights/checkPolicyRestrictions?api-version=2024-10-01`,
      body: { resourceDetails: { resourceContent, apiVersion } },
    })
    const denials = (result.contentEvaluationResult?.policyEvaluations ?? []).filter(isDenial)
    return Promise.all(
      denials.map(async (each) => {
        const assignmentId = each.policyInfo?.policyAssignmentId ?? ''
        return { assignmentId, title: await titleOf(assignmentId), comparisons: comparisonsOf(each) }
      }),
    )
  }
  return { denials: (resource) => arm.guard(() => check(resource)) }
}
