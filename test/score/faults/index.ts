import type { SeededFault } from '../fault.ts'
import { hasKubectl } from '../remedy.ts'
import { bindingFaults } from './binding.ts'
import { clusterFaults } from './cluster.ts'
import { databaseFaults } from './databases.ts'
import { jobFaults } from './job.ts'
import { objectFaults } from './objects.ts'
import { permissionFaults } from './permissions.ts'
import { postureFaults } from './posture.ts'
import { preflightFaults } from './preflight.ts'
import { serviceFaults } from './services.ts'
import { storageFaults } from './storage.ts'
import { targetFaults } from './targets.ts'
import { trustFaults } from './trust.ts'
import { vaultFaults } from './vault.ts'
import { webhookFaults } from './webhook.ts'
import { workloadFaults } from './workload.ts'

export const allFaults: SeededFault[] = [
  ...preflightFaults,
  ...permissionFaults,
  ...clusterFaults,
  ...trustFaults,
  ...jobFaults,
  ...webhookFaults,
  ...vaultFaults,
  ...targetFaults,
  ...storageFaults,
  ...databaseFaults,
  ...serviceFaults,
  // Their remedies need the real kubectl, because they use its local patches.
  ...(hasKubectl ? bindingFaults : []),
  ...(hasKubectl ? workloadFaults : []),
  ...(hasKubectl ? objectFaults : []),
  ...(hasKubectl ? postureFaults : []),
]
