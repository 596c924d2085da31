import { proxiesOf } from '../arm/accounts/proxy-resources.ts'
import { modelDeployment } from '../arm/cognitiveservices/index.ts'
import type { Resource } from '../arm/state.ts'
import type { Call, Reply } from '../http.ts'
import { createRouter, type Route } from '../router.ts'
import type { Simulator } from '../simulator.ts'
import { rejected } from './errors.ts'

export interface ModelRequest {
  call: Call
  simulator: Simulator
  account: Resource
  params: Record<string, string>
}

export interface ModelRoute extends Route<ModelRequest> {
  handler: (request: ModelRequest) => Reply
  /** The data action that a role must grant, below `Microsoft.CognitiveServices/accounts/OpenAI/`. */
  action: string
  /** The path as errors show it. */
  shownPath: string
  /** The version is in the path, not in `api-version`. */
  versioned?: true
}

/** Models that an account in every region can deploy. */
const catalog = ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1', 'text-embedding-3-small']

const modelView = (id: string) => ({
  id,
  object: 'model',
  status: 'succeeded',
  created_at: 1_715_212_800,
  updated_at: 1_715_212_800,
  lifecycle_status: 'generally-available',
  capabilities: { chat_completion: !id.includes('embedding'), inference: true, fine_tune: false },
})

const listModels = (): Reply => ({ status: 200, body: { data: catalog.map(modelView), object: 'list' } })

function getModel({ params }: ModelRequest): Reply {
  if (!catalog.includes(params.model!)) throw rejected(404, 'ResourceNotFound', 'The model does not exist.')
  return { status: 200, body: modelView(params.model!) }
}

function completeChat({ call, simulator, account, params }: ModelRequest): Reply {
  const { messages, model } = call.json<{ messages?: unknown; model?: string }>()
  const name = params.deployment ?? model ?? ''
  const deployment = proxiesOf(simulator, modelDeployment, account.body.id).find(
    ({ body }) => body.name.toLowerCase() === name.toLowerCase(),
  )
  if (!deployment)
    throw rejected(
      404,
      'DeploymentNotFound',
      'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
    )
  if (!Array.isArray(messages) || messages.length === 0)
    throw rejected(400, 'invalid_request_error', "Missing required parameter: 'messages'.")
  const { name: modelName, version } = deployment.body.properties.model as { name: string; version: string }
  return {
    status: 200,
    body: {
      id: `chatcmpl-${crypto.randomUUID().replaceAll('-', '')}`,
      object: 'chat.completion',
      created: Math.floor(simulator.now() / 1000),
      model: `${modelName}-${version}`,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'This is an answer of the sandbox.', refusal: null },
          finish_reason: 'stop',
          logprobs: null,
        },
      ],
      usage: { prompt_tokens: 8, completion_tokens: 8, total_tokens: 16 },
    },
  }
}

const chat = { method: 'POST', action: 'deployments/chat/completions/action', handler: completeChat }
const models = { method: 'GET', action: 'models/read' }

export const findRoute = createRouter<ModelRoute>([
  { ...models, path: '/openai/models', shownPath: '/openai/models', handler: listModels },
  { ...models, path: '/openai/models/:model', shownPath: '/openai/models/{model-id}', handler: getModel },
  {
    ...models,
    path: '/openai/v1/models',
    shownPath: '/openai/v1/models',
    handler: listModels,
    versioned: true,
  },
  {
    ...models,
    path: '/openai/v1/models/:model',
    shownPath: '/openai/v1/models/{model}',
    handler: getModel,
    versioned: true,
  },
  {
    ...chat,
    path: '/openai/deployments/:deployment/chat/completions',
    shownPath: '/openai/deployments/{deployment-id}/chat/completions',
  },
  {
    ...chat,
    path: '/openai/v1/chat/completions',
    shownPath: '/openai/v1/chat/completions',
    versioned: true,
  },
])
