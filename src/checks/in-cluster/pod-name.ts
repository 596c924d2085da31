/** The pod that goes the workload's way from inside. */
export const proofPodName = 'wi-setup-inside'
