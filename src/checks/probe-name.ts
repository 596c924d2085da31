/** The pod that goes the workload's way from inside. */
export const probeName = 'wi-setup-inside'
