import { resourcesOfType } from '../arm/resources/resources.ts'
import type { Service } from '../service.ts'
import { accountType } from './accounts.ts'
import { accountAudiences, storageResource } from './authentication.ts'
import { blobService } from './blob/index.ts'
import { dfsService } from './dfs/index.ts'
import { queueService } from './queue/index.ts'
import { tableService } from './table/index.ts'
import { webService } from './web/index.ts'

const storageAppId = 'e406a681-f3d4-42a8-90b6-c2b029497af1'

/** The services of storage accounts, each with its own host names. They share their state. */
export const storageServices: readonly Service[] = [
  {
    ...blobService,
    audiences: (simulator) => [
      storageResource,
      storageAppId,
      ...resourcesOfType(simulator, accountType).flatMap(({ body }) =>
        accountAudiences(simulator, body.name),
      ),
    ],
    state: { key: 'storage', create: () => ({}) },
  },
  queueService,
  tableService,
  dfsService,
  webService,
]
