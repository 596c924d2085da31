import { accountAt, podOwner } from './pod-owner.ts'

/** Spark applications: the driver and the executors sign in, and run as the driver's service account. */
export const sparkApplication = podOwner({
  group: 'sparkoperator.k8s.io',
  kinds: { SparkApplication: 'sparkapplications' },
  labels: () => [
    ['spec', 'driver', 'labels'],
    ['spec', 'executor', 'labels'],
  ],
  account: accountAt('spec', 'driver', 'serviceAccount'),
})
