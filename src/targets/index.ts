import { acr } from './acr.ts'
import { anyScope } from './any-scope.ts'
import { appconfig } from './appconfig.ts'
import { cosmos } from './cosmos.ts'
import { eventhub } from './eventhub.ts'
import { openai } from './openai.ts'
import { postgres } from './postgres.ts'
import { queue } from './queue.ts'
import { servicebus } from './servicebus.ts'
import { sql } from './sql.ts'
import { storage } from './storage.ts'
import { table } from './table.ts'
import type { Target } from './target.ts'
import { vault } from './vault.ts'
import { vaultCertificates } from './vault-certificates.ts'
import { vaultKeys } from './vault-keys.ts'

/** What `--grant` can name. A new target is one file and one line here. */
export const targets: readonly Target[] = [
  vault,
  vaultKeys,
  vaultCertificates,
  storage,
  queue,
  table,
  appconfig,
  cosmos,
  openai,
  sql,
  postgres,
  acr,
  servicebus,
  eventhub,
  anyScope,
]
