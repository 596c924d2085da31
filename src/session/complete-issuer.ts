import { issuerOf } from '../issuers/index.ts'
import type { Settings } from '../settings/settings.ts'
import type { Session } from './session.ts'

/** Adds what the issuer's service knows about the job: IDs, spelling, and the form of its subjects. */
export async function completeIssuer(session: Session, settings: Partial<Settings>): Promise<void> {
  const issuer = issuerOf(settings)
  if (!issuer?.complete) return
  const { known, clients } = session
  const found = await issuer.complete(settings, { github: clients.github(settings.issuerHost) })
  for (const [name, value] of Object.entries(found))
    Object.assign(known, { [name]: { value, source: 'found', from: `found on ${issuer.title}` } })
}
