import { mapAt, mapsAt } from './fields.ts'
import { accountAt, podOwner } from './pod-owner.ts'

/** The kinds of the Prometheus operator that create pods. */
export const prometheus = podOwner({
  group: 'monitoring.coreos.com',
  kinds: {
    Prometheus: 'prometheuses',
    PrometheusAgent: 'prometheusagents',
    Alertmanager: 'alertmanagers',
    ThanosRuler: 'thanosrulers',
  },
  labels: () => [['spec', 'podMetadata', 'labels']],
  account: accountAt('spec', 'serviceAccountName'),
  configures: (object) =>
    mapsAt(object, ['spec', 'remoteWrite']).some(
      (each) => mapAt(each, ['azureAd']).workloadIdentity !== undefined,
    ),
})
