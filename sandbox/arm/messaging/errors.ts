import { ArmError } from '../errors.ts'

const correlation = () => `CorrelationId: ${crypto.randomUUID()}`

export const badRequest = (message: string) => new ArmError(400, 'BadRequest', `${message} ${correlation()}`)

export const entityNotFound = (name: string) =>
  new ArmError(404, 'NotFound', `The requested resource ${name} does not exist. ${correlation()}`)
