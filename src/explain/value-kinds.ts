import { isIP } from 'node:net'
import { type ValueRule, valueRules } from '../settings/rules.ts'

const follows = (rule: ValueRule) => (value: string) => rule(value) === undefined
const matches = (pattern: RegExp) => (value: string) => pattern.test(value)

const isScope = matches(/^\/subscriptions\/[\w-]{1,64}(\/[-\w.()]{1,128}){0,16}$/i)
const isLabel = follows(valueRules.dnsLabel)
const isServiceAccount = follows(valueRules.serviceAccount)

/** What a value from a message must look like to become part of a command, by its name. */
const kinds: Readonly<Record<string, (value: string) => boolean>> = {
  added: matches(/^[a-z]{1,20}$/i),
  address: (value) => isIP(value.replace(/\/\d{1,3}$/, '')) > 0,
  application: follows(valueRules.guid),
  assignment: matches(/^[\w.-]{1,128}$/),
  at: isScope,
  cluster: follows(valueRules.cluster),
  fullName: matches(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(\/[a-z]{1,32})?$/),
  group: follows(valueRules.resourceGroup),
  host: matches(/^[a-zA-Z0-9]([\w.-]{0,251}[a-zA-Z0-9])?(:\d{1,5})?$/),
  location: follows(valueRules.location),
  namespace: isLabel,
  objectId: follows(valueRules.guid),
  provider: matches(/^[A-Za-z]+(\.[A-Za-z]+){1,3}$/),
  person: matches(/^[\w.+#-]{1,100}@[\w.-]{1,150}$/),
  principalType: matches(/^(User|ServicePrincipal)$/),
  ranges: matches(/^[\da-f.:]{2,39}(\/\d{1,3})?(,[\da-f.:]{2,39}(\/\d{1,3})?){0,200}$/i),
  role: matches(/^[A-Za-z]+( [A-Za-z]+)*$/),
  scope: isScope,
  secret: follows(valueRules.secret),
  serviceAccount: isServiceAccount,
  subject(value) {
    const [namespace = '', name = '', ...more] = value.split(':')
    return more.length === 0 && isLabel(namespace) && isServiceAccount(name)
  },
  tenant: follows(valueRules.tenant),
  user: matches(/^[\w@.:+#/-]{1,253}$/),
  vault: follows(valueRules.vault),
  verb: matches(/^([a-z]{1,32}|\*)$/),
}

/** The names that placeholders of commands may have. */
export const valueKinds: readonly string[] = Object.keys(kinds)

/** Returns the value if it may become part of a command: messages and logs can contain anything. */
export const commandValue = (name: string, value: string | undefined): string | undefined =>
  value !== undefined && kinds[name]?.(value) ? value : undefined
