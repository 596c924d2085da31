import { ArmError } from '../errors.ts'

export const badRequest = (message: string) => new ArmError(400, 'BadRequest', message)
