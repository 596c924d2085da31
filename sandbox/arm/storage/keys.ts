import { createHmac } from 'node:crypto'
import type { Simulator } from '../../simulator.ts'
import type { Resource } from '../state.ts'
import { dotNetTimestamp } from '../timestamps.ts'

/** Returns the account's keys. They are derived from the operator's secret, so that the state contains no key. */
export const accountKeys = ({ state }: Simulator, { body, createdAt }: Resource) =>
  ['key1', 'key2'].map((keyName) => ({
    creationTime: dotNetTimestamp(createdAt),
    keyName,
    value: createHmac('sha512', state.operator.clientSecret)
      .update(`${body.id.toLowerCase()}/${createdAt}/${keyName}`)
      .digest('base64'),
    permissions: 'FULL',
  }))
