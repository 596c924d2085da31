import type { Reply } from '../http.ts'

/** A request that Key Vault rejects. */
export class VaultError extends Error {
  readonly reply: Reply
  constructor(reply: Reply) {
    super(`Key Vault returned ${reply.status}`)
    this.reply = reply
  }
}

const vaultError = (status: number, code: string, message: string, inner?: string) =>
  new VaultError({
    status,
    body: { error: { code, message, ...(inner ? { innererror: { code: inner } } : {}) } },
  })

export const badParameter = (message: string) => vaultError(400, 'BadParameter', message)

export const forbidden = (inner: string, message: string) => vaultError(403, 'Forbidden', message, inner)

export const conflict = (inner: string | undefined, message: string) =>
  vaultError(409, 'Conflict', message, inner)

export const unauthorized = (message: string) => vaultError(401, 'Unauthorized', message)

export const vaultNotFound = (name: string) =>
  vaultError(404, 'VaultNotFound', `The key vault '${name}' was not found. It may have been deleted.`)

export const secretNotFound = (id: string) =>
  vaultError(
    404,
    'SecretNotFound',
    `A secret with (name/id) ${id} was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`,
  )

export const objectNotFound = (title: string, id: string) =>
  vaultError(
    404,
    `${title.split(' ').at(-1)}NotFound`,
    `A ${title.toLowerCase()} with (name/id) ${id} was not found in this key vault. If you recently deleted this ${title.split(' ').at(-1)!.toLowerCase()} you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`,
  )

export const contactsNotFound = (vault: string) =>
  vaultError(404, 'ContactsNotFound', `Contacts were not found in the key vault '${vault}'.`)

export const deletedSecretNotFound = (name: string) =>
  vaultError(
    404,
    'SecretNotFound',
    `A deleted secret with (name/id) ${name} was not found in this key vault.`,
  )
