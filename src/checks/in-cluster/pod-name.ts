/** Name of the pod that `verify --in-cluster` creates. */
export const proofPodName = 'wi-setup-inside'
