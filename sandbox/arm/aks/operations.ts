import type { OperationType } from '../provider.ts'
import { findResource } from '../resources/resources.ts'
import { deleteManagedCluster } from './deletion.ts'
import { identityBindingOperations } from './identity-bindings.ts'
import { finishCluster } from './provisioning.ts'

const finishing: OperationType = { finish: finishCluster }

export const clusterOperations: Record<string, OperationType> = {
  ...identityBindingOperations,
  createCluster: finishing,
  updateCluster: finishing,
  startCluster: finishing,
  stopCluster: finishing,
  rotateKeys: finishing,
  deleteCluster: {
    finish(simulator, { resourceId }) {
      const cluster = findResource(simulator, resourceId)
      if (cluster) deleteManagedCluster(simulator, cluster)
    },
  },
}
