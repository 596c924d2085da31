import { InvalidBodyError, type Reply } from '../http.ts'
import type { Service } from '../service.ts'
import { armAudiences } from './authorization/access.ts'
import { finishDueOperations } from './due-operations.ts'
import { ArmError, invalidContent } from './errors.ts'
import { armFailure } from './failures.ts'
import { answerRequest, type RequestState } from './pipeline.ts'
import { responseHeaders } from './response-headers.ts'
import { newArmState } from './state.ts'

const armAppId = '797f4846-ba00-4fd7-ba43-dac1f8f63013'

const handle: Service['handle'] = async (call, simulator) => {
  const state: RequestState = { rateLimits: {} }
  let reply: Reply
  try {
    reply = await answerRequest(call, simulator, state)
  } catch (error) {
    reply = errorReply(error)
  }
  const byGateway = reply.headers?.['x-ms-failure-cause'] === 'gateway'
  return {
    ...reply,
    headers: {
      ...responseHeaders(call, simulator, state.caller, byGateway),
      ...(byGateway ? {} : state.rateLimits),
      ...reply.headers,
    },
  }
}

function errorReply(error: unknown): Reply {
  if (error instanceof ArmError) return error.reply()
  if (error instanceof InvalidBodyError)
    return invalidContent(
      `The request content was invalid and could not be deserialized: '${error.message}'.`,
    ).reply()
  throw error
}

/** Azure Resource Manager. */
export const armService: Service = {
  name: 'arm',
  address: {
    label: 'arm',
    ownPaths: /^\/(subscriptions|providers|tenants|metadata)(?=\/|$)/i,
    servesOtherPaths: true,
  },
  handle,
  audiences: (simulator) => [...armAudiences(simulator), armAppId],
  state: { key: 'arm', create: newArmState },
  advance: finishDueOperations,
  failure: armFailure,
  readOnlyPosts:
    /\/(listcluster(user|admin)credential|checknameavailability|checkdomainavailability|checkpolicyrestrictions|listkeys)$/i,
}
