import { acrService } from './acr/index.ts'
import { appConfigService } from './appconfig/index.ts'
import { armService } from './arm/index.ts'
import { ciService } from './ci/index.ts'
import { cosmosService } from './cosmos/index.ts'
import { entraService } from './entra/index.ts'
import { graphService } from './graph/index.ts'
import { issuerService } from './issuer/index.ts'
import { kubeService } from './kube/index.ts'
import { messagingService } from './messaging/index.ts'
import { openAiService } from './openai/index.ts'
import { postgresService } from './postgresql/index.ts'
import type { Service } from './service.ts'
import { sqlService } from './sql/index.ts'
import { storageServices } from './storage/index.ts'
import { vaultService } from './vault/index.ts'

/** All simulated services. A path on localhost that several claim goes to the first; the last one gets the rest. */
export const services: readonly Service[] = [
  vaultService,
  ...storageServices,
  appConfigService,
  cosmosService,
  openAiService,
  acrService,
  messagingService,
  sqlService,
  postgresService,
  ciService,
  graphService,
  issuerService,
  kubeService,
  armService,
  entraService,
]

/** True for a request that may change the state: token requests, reviews and dry runs don't count. */
export const isWrite = (method: string, path: string, dryRun: boolean) =>
  !['GET', 'HEAD', 'OPTIONS'].includes(method) &&
  !dryRun &&
  !services.some(({ readOnlyPosts }) => readOnlyPosts?.test(path))
