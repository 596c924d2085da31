import { isIPv6 } from 'node:net'
import type { Call, Reply } from '../http.ts'
import type { Service } from '../service.ts'
import type { Simulator } from '../simulator.ts'
import { admitCaller, admitNetwork, type Need } from './admission.ts'
import { authenticate, challenge } from './authentication.ts'
import { backupSecret, restoreSecret } from './backups.ts'
import {
  dropExpired,
  getDeletedSecret,
  listDeletedSecrets,
  purgeSecret,
  recoverSecret,
} from './deleted-secrets.ts'
import { badParameter, VaultError, vaultNotFound } from './errors.ts'
import { vaultFailure } from './failures.ts'
import { deleteSecret, getSecret, listSecrets, listVersions, setSecret, updateSecret } from './secrets.ts'
import { findVault, type Vault } from './vaults.ts'

interface Operation extends Need {
  /** The secret that a role may be assigned on. */
  secret?: string
  run: () => Reply
}

/** What the request is for. Throws 400 when Key Vault has no such operation. */
function operation(call: Call, simulator: Simulator, vault: Vault): Operation {
  const [collection = '', name, part, ...more] = call.segments
  const where = collection.toLowerCase()
  const on = name === undefined ? {} : { secret: name }
  const shape = `${call.method} ${where}${name === undefined ? '' : '/n'}`
  const read = { permission: 'list', action: 'readMetadata/action' } as const
  if (more.length === 0 && part?.toLowerCase() === 'versions' && shape === 'GET secrets/n')
    return { ...read, ...on, run: () => listVersions(call, vault, name!) }
  if (more.length === 0 && part?.toLowerCase() === 'recover' && shape === 'POST deletedsecrets/n')
    return {
      permission: 'recover',
      action: 'recover/action',
      ...on,
      run: () => recoverSecret(simulator, vault, name!),
    }
  if (more.length === 0 && part?.toLowerCase() === 'backup' && shape === 'POST secrets/n')
    return {
      permission: 'backup',
      action: 'backup/action',
      ...on,
      run: () => backupSecret(simulator, vault, name!),
    }
  if (part === undefined && name?.toLowerCase() === 'restore' && shape === 'POST secrets/n')
    return {
      permission: 'restore',
      action: 'restore/action',
      run: () => restoreSecret(call, simulator, vault),
    }
  if (more.length === 0 && shape === 'GET secrets/n')
    return {
      permission: 'get',
      action: 'getSecret/action',
      ...on,
      run: () => getSecret(vault, name!, part),
    }
  if (more.length === 0 && shape === 'PATCH secrets/n')
    return {
      permission: 'set',
      action: 'update/action',
      ...on,
      run: () => updateSecret(call, simulator, vault, name!, part),
    }
  if (part === undefined)
    switch (shape) {
      case 'GET secrets':
        return { ...read, run: () => listSecrets(call, vault) }
      case 'PUT secrets/n':
        return {
          permission: 'set',
          action: 'setSecret/action',
          ...on,
          run: () => setSecret(call, simulator, vault, name!),
        }
      case 'DELETE secrets/n':
        return {
          permission: 'delete',
          action: 'delete',
          ...on,
          run: () => deleteSecret(simulator, vault, name!),
        }
      case 'GET deletedsecrets':
        return { ...read, run: () => listDeletedSecrets(call, simulator, vault) }
      case 'GET deletedsecrets/n':
        return { ...read, permission: 'get', ...on, run: () => getDeletedSecret(simulator, vault, name!) }
      case 'DELETE deletedsecrets/n':
        return {
          permission: 'purge',
          action: 'purge/action',
          ...on,
          run: () => purgeSecret(simulator, vault, name!),
        }
    }
  if (['keys', 'certificates', 'storage', 'deletedkeys', 'deletedcertificates'].includes(where))
    throw badParameter(`The sandbox's vaults hold secrets only: there is no '${collection}' here`)
  throw badParameter(`Method ${call.method} does not allow operation '${call.segments.at(-1) ?? ''}'`)
}

async function answer(call: Call, simulator: Simulator, vault: Vault): Promise<Reply> {
  const caller = await authenticate(call, simulator, vault)
  admitNetwork(vault, caller, call.clientAddress)
  if (!call.query('api-version')) throw badParameter('api-version must be specified')
  const asked = operation(call, simulator, vault)
  admitCaller(simulator, vault, caller, asked, asked.secret)
  dropExpired(simulator, vault)
  return asked.run()
}

const handle: Service['handle'] = async (call, simulator) => {
  const name = call.resource ?? ''
  const vault = findVault(simulator, name)
  if (vault === 'unknown') return { status: 0 }
  if (vault === 'deleted') return vaultNotFound(name).reply
  const reply = await answer(call, simulator, vault).catch((error: unknown) => {
    if (error instanceof VaultError) return error.reply
    throw error
  })
  const family = isIPv6(call.clientAddress) ? ['Ipv6', 'InterNetworkV6'] : ['Ipv4', 'InterNetwork']
  const asked = call.headers['x-ms-client-request-id']
  return {
    ...reply,
    headers: {
      'cache-control': 'no-cache',
      pragma: 'no-cache',
      expires: '-1',
      'www-authenticate': reply.status === 401 ? challenge(simulator, vault) : undefined,
      'x-ms-keyvault-region': vault.location,
      'x-ms-client-request-id': typeof asked === 'string' ? asked : undefined,
      'x-ms-request-id': crypto.randomUUID(),
      'x-ms-keyvault-service-version': '1.9.331.5',
      'x-ms-keyvault-network-info': `conn_type=${family[0]};addr=${call.clientAddress};act_addr_fam=${family[1]};`,
      'x-content-type-options': 'nosniff',
      'strict-transport-security': 'max-age=31536000;includeSubDomains',
      ...reply.headers,
    },
  }
}

export const vaultService: Service = {
  name: 'vault',
  address: { label: 'vault', perResource: true },
  handle,
  state: { key: 'vaults', create: () => ({}) },
  failure: vaultFailure,
}
