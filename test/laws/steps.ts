import { AsyncLocalStorage } from 'node:async_hooks'
import type { PipelineRequest } from '@azure/core-rest-pipeline'
import type { AnyStep } from '../../src/engine/step.ts'

const atWork = new AsyncLocalStorage<string>()

/** The header by which a request tells which step it is sent for. */
export const header = 'x-law-step'

/** Whatever is done within is done for this. */
export const within = <T>(name: string, work: () => Promise<T>): Promise<T> => atWork.run(name, work)

/** The same step, whose requests tell that they are its. */
export const telling = (step: AnyStep): AnyStep => ({
  ...step,
  inspect: (ctx) => within(step.id, () => step.inspect(ctx)),
  apply: (ctx, found) => within(step.id, () => step.apply(ctx, found)),
})

export const sends = (request: PipelineRequest): void =>
  void request.headers.set(header, atWork.getStore() ?? 'sign-in')
