import { randomUUID } from 'node:crypto'
import { gatewayPage } from '../faults/failure-kinds.ts'
import type { Call, Reply } from '../http.ts'
import type { Service } from '../service.ts'
import type { Simulator } from '../simulator.ts'
import { findAccount, hostLabels, type StorageAccount, type StorageServiceName } from './accounts.ts'
import { type CollectionNoun, StorageError } from './errors.ts'
import { injectedError } from './failures.ts'
import { headerOf } from './headers.ts'

/** What the services of a storage account differ in. */
export interface StorageServiceParts {
  name: StorageServiceName
  /** Product name in the `server` header. */
  server: string
  /** What is deleted and created again too early, in injected conflicts. */
  noun: CollectionNoun
  /** Handles a request to an account that exists. Throws `StorageError`. */
  answer(call: Call, simulator: Simulator, account: StorageAccount): Promise<Reply>
  /** Returns the body of an error, and its content type. */
  errorBody(error: StorageError, simulator: Simulator, call: Call): { type: string; body: string }
}

/** Returns one service of the storage accounts as a service of the simulator. */
export function storageService({ name, server, noun, answer, errorBody }: StorageServiceParts): Service {
  const errorReply = (error: StorageError, call: Call, simulator: Simulator): Reply => {
    const { type, body } = errorBody(error, simulator, call)
    return {
      status: error.status,
      headers: { 'content-type': type, 'x-ms-error-code': error.code, ...error.headers },
      body,
    }
  }
  return {
    name,
    address: { label: hostLabels[name], perResource: true },
    async handle(call, simulator) {
      const account = findAccount(simulator, call.resource ?? '', name)
      // The host name of an account without the service does not resolve.
      if (!account) return { status: 0 }
      const reply = await answer(call, simulator, account).catch((error: unknown) => {
        if (error instanceof StorageError) return errorReply(error, call, simulator)
        throw error
      })
      return {
        ...reply,
        headers: {
          server: `${server} Microsoft-HTTPAPI/2.0`,
          'x-ms-request-id': randomUUID(),
          'x-ms-version': headerOf(call, 'x-ms-version'),
          'x-ms-client-request-id': headerOf(call, 'x-ms-client-request-id'),
          ...reply.headers,
        },
      }
    },
    failure: (call, simulator, kind) =>
      kind === '502'
        ? gatewayPage(502, '502 - Bad Gateway')
        : errorReply(injectedError(kind, noun), call, simulator),
  }
}
