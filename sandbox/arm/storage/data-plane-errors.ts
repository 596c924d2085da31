import { randomUUID } from 'node:crypto'
import { StorageError } from '../../storage/errors.ts'
import { ArmError } from '../errors.ts'
import type { ArmRoute } from '../request.ts'
import { dotNetTimestamp } from '../timestamps.ts'

/** Returns the handler with the errors of the data planes as Resource Manager passes them on. */
export const withDataPlaneErrors =
  (handler: ArmRoute['handler']): ArmRoute['handler'] =>
  async (request) => {
    try {
      return await handler(request)
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      const time = dotNetTimestamp(request.simulator.now())
      throw new ArmError(
        error.status,
        error.code,
        `${error.message}\nRequestId:${randomUUID()}\nTime:${time}`,
      )
    }
  }
