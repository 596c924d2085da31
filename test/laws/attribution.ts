import { AsyncLocalStorage } from 'node:async_hooks'
import type { PipelineRequest } from '@azure/core-rest-pipeline'
import type { AnyStep } from '../../src/engine/step.ts'

const currentStep = new AsyncLocalStorage<string>()

/** Names the step that a request is sent for. */
export const stepHeader = 'x-law-step'

/** Attributes the requests of `work` to this step. */
export const attributed = <T>(name: string, work: () => Promise<T>): Promise<T> => currentStep.run(name, work)

/** Returns the step with its requests attributed to it. */
export const withAttribution = (step: AnyStep): AnyStep => ({
  ...step,
  inspect: (ctx) => attributed(step.id, () => step.inspect(ctx)),
  apply: (ctx, found) => attributed(step.id, () => step.apply(ctx, found)),
})

export const addStepHeader = (request: PipelineRequest): void =>
  void request.headers.set(stepHeader, currentStep.getStore() ?? 'sign-in')
