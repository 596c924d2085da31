import type { MessageStore } from './state.ts'

interface Selector {
  value?: unknown
}

const selectorKey = 'apache.org:selector-filter:string'

/**
 * Returns the sequence number that a consumer of events starts with, by its filter: `amqp.annotation.x-opt-offset > '7'`
 * (also with `>=`, `@latest`, a sequence number, or an enqueued time). Without one it gets all events.
 */
export function startPosition(filter: Record<string, unknown> | undefined, store: MessageStore): number {
  const raw = filter?.[selectorKey] as Selector | string | undefined
  const text = String((typeof raw === 'object' ? raw?.value : raw) ?? '')
  const [, field, operator, value = ''] = /x-opt-([a-z-]+)\s*(>=?)\s*'([^']*)'/.exec(text) ?? []
  if (value === '@latest') return store.lastSequence + 1
  const number = Number(value)
  if (field === undefined || Number.isNaN(number)) return 1
  const isAfter = (each: number) => (operator === '>=' ? each >= number : each > number)
  const byTime = field === 'enqueued-time'
  const first = store.messages.find(({ sequence, enqueuedAt }) => isAfter(byTime ? enqueuedAt : sequence))
  return first?.sequence ?? store.lastSequence + 1
}
