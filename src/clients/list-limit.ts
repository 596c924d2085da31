import { readLimits } from '../base/read-limits.ts'
import { ServiceError, type ServiceName } from './service-error.ts'

/**
 * Returns a function to call with each page of a list, with its number of items. Throws `ServiceError` with the code
 * `ListTooLong` if there are too many: a server could send links to further pages for ever.
 */
export function makeListLimit(service: ServiceName, list: string): (items: number) => void {
  const { pages: maxPages, items: maxItems } = readLimits
  let pages = 0
  let items = 0
  return (more) => {
    pages++
    items += more
    if (pages <= maxPages && items <= maxItems) return
    throw new ServiceError({
      service,
      code: 'ListTooLong',
      message: `The list ${list} has more than ${pages > maxPages ? `${maxPages} pages` : `${maxItems} items`}, which is the limit`,
    })
  }
}
