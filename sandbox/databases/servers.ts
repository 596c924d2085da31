import { isIPv4 } from 'node:net'
import { type ProxyType, proxiesOf } from '../arm/accounts/proxy-resources.ts'
import type { Resource } from '../arm/state.ts'
import type { Simulator } from '../simulator.ts'

/** Returns whether one of the server's rules contains the address. Without a rule, none may connect. */
export function isAllowedAddress(
  simulator: Simulator,
  rules: ProxyType,
  server: Resource,
  address: string,
): boolean {
  const numberOf = (text: unknown) =>
    String(text)
      .split('.')
      .reduce((sum, part) => sum * 256 + Number(part), 0)
  const client = address.replace(/^::ffff:/, '')
  if (!isIPv4(client)) return false
  return proxiesOf(simulator, rules, server.body.id).some(({ body }) => {
    const { startIpAddress, endIpAddress } = body.properties
    return numberOf(startIpAddress) <= numberOf(client) && numberOf(client) <= numberOf(endIpAddress)
  })
}

/** A statement that the database rejects, with its own code. */
export class StatementError extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Returns the statements of a text, without comments and the semicolons that end them. */
export const statementsIn = (text: string): string[] =>
  text
    .replace(/--[^\n]*/g, '')
    .split(/;\s*(?:\n|$)|;(?=\s*[A-Za-z])/)
    .map((each) => each.trim())
    .filter(Boolean)
