import { ActionRequiredError } from '../base/action-required.ts'
import type { FederatedCredential } from '../clients/directory.ts'
import { type AnyStep, absent, compared, differs, nothingToRemove, removable, step } from '../engine/step.ts'
import { flexibleCost } from '../issuers/flexible.ts'
import { type WantedCredential, wantedCredentials } from '../issuers/index.ts'
import type { IssuerSettings } from '../issuers/issuer.ts'
import { issuerSettingNames } from '../settings/issuer-settings.ts'
import {
  credentialActions,
  credentialName,
  listCredentials,
  partitionCredentials,
  plannedCredential,
  putCredential,
  removeCredential,
  shownSubject,
} from './credentials.ts'
import { credentialLimit, limitReached } from './federated-credential.ts'
import { appRegistration, type Identity } from './identity.ts'
import { credentialUser } from './identity-users.ts'
import { usedBy } from './other-owners.ts'
import { tokenIssuer } from './token-issuer.ts'

/** Returns a step for each federated credential that the job needs: one, or two for plan and apply or for two forms. */
export function jobCredentials(settings: IssuerSettings): AnyStep[] {
  const steps: AnyStep[] = []
  // Entra refuses concurrent writes to the credentials of one identity.
  for (const { id } of wantedCredentials(settings)) steps.push(jobCredential(id, steps.at(-1)))
  return steps
}

type Tokens = Pick<FederatedCredential, 'issuer' | 'subject' | 'expression'>
type Needs = { identity: typeof appRegistration; issuer: typeof tokenIssuer }

const sameTokens = (one: Tokens, other: Tokens) =>
  one.issuer === other.issuer && one.subject === other.subject && one.expression === other.expression

const jobCredential = (id: WantedCredential['id'], previous: AnyStep | undefined): AnyStep =>
  step<FederatedCredential>()({
    id: id ? `federated-credential-${id}` : 'federated-credential',
    title: id ? `federated credential (${id})` : 'federated credential',
    command: 'federate',
    uses: [
      ...issuerSettingNames,
      'tenant',
      'audience',
      'identityKind',
      'identityResourceGroup',
      'identitySubscription',
    ],
    needs: { identity: appRegistration, issuer: tokenIssuer, ...(previous ? { previous } : {}) } as Needs,
    label: (settings) => wantedOf(settings, id).name,
    actionsToApply: (settings) => credentialActions(settings, 'write'),
    actionsToRemove: (settings) => credentialActions(settings, 'delete'),
    newResource: (settings) => plannedCredential(settings, wantedOf(settings, id)),
    async inspect(ctx) {
      const { settings, identity } = ctx
      const want = wantedOf(settings, id)
      if (want.expression !== undefined && settings.identityKind === 'managed')
        throw new ActionRequiredError(
          'A managed identity takes no flexible credential',
          'Use an app registration (--identity-kind app), or --subject',
        )
      const details: [string, string][] = [
        ['issuer', want.issuer],
        want.expression === undefined ? ['subject', want.subject] : ['matching', want.expression],
        ...(want.expression === undefined ? [] : [['costs', flexibleCost] as [string, string]]),
      ]
      if (!identity.ref) return absent(undefined, details)
      const all = await listCredentials(ctx, identity as Identity)
      const found = all.find((each) => sameTokens(each, want)) ?? all.find(({ name }) => name === want.name)
      if (!found) {
        if (all.length >= credentialLimit) throw await limitReached(ctx, all)
        return absent(sharedNote(all, settings), details)
      }
      return compared(
        found,
        found.name === want.name,
        [
          differs('issuer', found.issuer, want.issuer),
          differs('subject', shownSubject(found), shownSubject(want)),
          differs('audience', found.audience, settings.audience),
        ],
        sharedNote(all, settings),
      )
    },
    async apply(ctx, found) {
      const { settings, identity } = ctx
      const { name, issuer, subject, expression } = wantedOf(settings, id)
      await putCredential(ctx, identity, {
        name: found.state === 'drifted' ? found.out.name! : name,
        issuer,
        subject,
        ...(expression === undefined ? {} : { expression }),
        audience: settings.audience,
      })
    },
    within: () => 'identity' as const,
    standalone: true,
    async removability(ctx) {
      const { settings, identity } = ctx
      if (!identity.ref) return nothingToRemove
      const { mine, others } = await partitionCredentials(ctx, identity as Identity, undefined)
      const retainsContainer = usedBy(others.map((each) => credentialUser(each, undefined)))
      const credential = mine.find(({ name }) => name === wantedOf(settings, id).name)
      return credential
        ? removable(credential, undefined, retainsContainer)
        : { state: 'absent', retainsContainer }
    },
    remove: (ctx, { name }) => removeCredential(ctx, ctx.identity as Identity, name!),
  })

/** Returns the credential with this ID, with the name that wi-setup gives it. */
function wantedOf(settings: IssuerSettings, id: WantedCredential['id']) {
  const wanted = wantedCredentials(settings).find((each) => each.id === id)!
  const tokens = { ...wanted, issuer: wanted.issuer ?? '' }
  return { ...tokens, name: credentialName(tokens) }
}

/** Every trusted subject gets the same access. */
function sharedNote(all: readonly FederatedCredential[], settings: IssuerSettings): string | undefined {
  const wanted = wantedCredentials(settings)
  const others = all.filter((each) => !wanted.some((want) => shownSubject(want) === shownSubject(each)))
  const count = new Set(others.map(shownSubject)).size
  return count ? `the identity also trusts ${count} other ${count === 1 ? 'subject' : 'subjects'}` : undefined
}
