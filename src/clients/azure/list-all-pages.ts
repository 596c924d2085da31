import { makeListLimit } from '../list-limit.ts'
import type { ArmContext } from './arm-context.ts'
import { type Sender, sendJson } from './send-json.ts'

/** Returns all items of a list that the SDKs have no method for. `path` includes the api-version. */
export async function listAllPages<T>(arm: ArmContext, sender: Sender, path: string): Promise<T[]> {
  const items: T[] = []
  const limit = makeListLimit('arm', path)
  let url: string | undefined = `${arm.cloud.arm}${path}`
  while (url) {
    const page: { value?: T[]; nextLink?: string | null } = await sendJson(arm, sender, { url })
    limit(page.value?.length ?? 0)
    items.push(...(page.value ?? []))
    url = page.nextLink || undefined
  }
  return items
}
