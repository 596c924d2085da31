import type { KubeObject } from '../../clients/kubernetes.ts'
import { clientIdKey, tenantIdKey } from '../../steps/service-account.ts'
import type { LintContext } from './rule.ts'
import { containersOf, identityKey, type OpenObject, type Workload } from './workload.ts'

/** Annotations of a service account that the webhook reads. */
const accountKeys = [clientIdKey, tenantIdKey, identityKey('service-account-token-expiration')]

/** A client ID under another prefix, such as `azure-workload-identity/client-id`. */
const resembling = /^(?=[^/]{0,80}azure)(?=[^/]{0,80}workload)[^/]{1,90}\/client[-_.]?id$/i

const isUnread = (key: string) =>
  !accountKeys.includes(key) && (key.startsWith(identityKey('')) || resembling.test(key))

/** Returns the sign that the service account was meant to have a client ID, if there is one. */
export function misplacedClientId(
  workload: Workload,
  account: KubeObject,
  context: LintContext,
): string | undefined {
  const setsItself = containersOf(workload).some(({ spec }) =>
    ((spec.env ?? []) as OpenObject[]).some(({ name }) => name === 'AZURE_CLIENT_ID'),
  )
  if (setsItself) return undefined
  const keys = Object.keys(account.metadata.annotations ?? {})
  const unread = keys.find(isUnread)
  if (unread !== undefined) return `it has ${unread}, which the webhook ignores`
  if (keys.includes(tenantIdKey)) return `it has ${tenantIdKey}`
  const label = Object.keys(account.metadata.labels ?? {}).find(
    (key) => key === clientIdKey || resembling.test(key),
  )
  if (label !== undefined) return `it has the label ${label}, which the webhook ignores`
  if ((account as OpenObject).annotations?.[clientIdKey] !== undefined)
    return 'it has the annotation outside of metadata, where Kubernetes ignores it'
  const other = context.clientIdElsewhere(workload.namespace)
  return other && `${other} has it, where the webhook ignores it`
}
