const bucketSize = 2048
/** More would only repeat the surrounding text. */
const maxInBucket = 64

/** Collects spans of a text, and finds those nearby in constant time. */
export function makePlaces<T extends { start: number; end: number }>() {
  const buckets = new Map<number, T[]>()
  const bucketOf = (at: number) => Math.floor(at / bucketSize)
  return {
    add(place: T) {
      for (let index = bucketOf(place.start); index <= bucketOf(place.end); index++) {
        const bucket = buckets.get(index)
        if (!bucket) buckets.set(index, [place])
        else if (bucket.length < maxInBucket) bucket.push(place)
      }
    },
    /** Returns whether a place within `distance` of the span satisfies the condition. */
    some(start: number, end: number, distance: number, condition: (place: T) => boolean): boolean {
      for (let index = bucketOf(start - distance); index <= bucketOf(end + distance); index++)
        if (buckets.get(index)?.some(condition)) return true
      return false
    },
  }
}
