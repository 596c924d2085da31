import { ArmError } from '../errors.ts'
import type { ArmRequest } from '../request.ts'

export const badRequest = (message: string) => new ArmError(400, 'BadRequest', message)

export const absent = ({ id }: ArmRequest) =>
  new ArmError(404, 'NotFound', `Entity with the specified id does not exist in the system. Resource: ${id}`)
