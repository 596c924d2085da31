import type { KubeObject } from '../../clients/kubernetes.ts'
import { clientIdFindings, mapAt, mapsAt, textAt, valueAt } from './fields.ts'
import type { ObjectFinding, ObjectKind } from './object-kind.ts'

const solversField = ['spec', 'acme', 'solvers'] as const

/** Returns the paths of the settings for Azure DNS. */
const azureDnsFields = (object: KubeObject) =>
  mapsAt(object, solversField).flatMap((_, index) => {
    const path = [...solversField, index, 'dns01', 'azureDNS']
    return valueAt(object, path) === undefined ? [] : [path]
  })

const hasSecret = (settings: ReturnType<typeof mapAt>) => settings.clientSecretSecretRef !== undefined

/** cert-manager signs in to Azure DNS with the service account of its own controller, unless there is a client secret. */
export const issuer: ObjectKind = {
  group: 'cert-manager.io',
  kinds: { Issuer: 'issuers', ClusterIssuer: 'clusterissuers' },
  clusterScoped: ['ClusterIssuer'],
  uses: (object) =>
    azureDnsFields(object).some((path) => {
      const settings = mapAt(object, path)
      return settings.managedIdentity !== undefined || !hasSecret(settings)
    }),
  inspect: (object) => azureDnsFields(object).flatMap((path) => inspectAzureDns(object, path)),
}

function inspectAzureDns(object: KubeObject, path: (string | number)[]): ObjectFinding[] {
  const settings = mapAt(object, path)
  const identityField = [...path, 'managedIdentity']
  const { managedIdentity } = settings
  const usesPrincipal = ['clientID', 'clientSecretSecretRef', 'tenantID'].find(
    (key) => settings[key] !== undefined,
  )
  const finding = { about: 'settings' as const, is: '(none)' }
  if (managedIdentity === undefined && settings.clientID !== undefined)
    return hasSecret(settings)
      ? []
      : [
          {
            ...finding,
            detail:
              'has an azureDNS.clientID without a client secret; for workload identity, it belongs below managedIdentity',
            is: 'azureDNS.clientID',
            should: 'azureDNS.managedIdentity.clientID',
            field: [...path, 'clientID'],
            edit: 'move it to managedIdentity.clientID',
          },
        ]
  if (hasSecret(settings) && managedIdentity === undefined) return []
  return [
    ...(managedIdentity !== undefined && usesPrincipal !== undefined
      ? [
          {
            ...finding,
            detail: `has a managedIdentity together with ${usesPrincipal}, which cert-manager rejects`,
            is: usesPrincipal,
            should: '(none)',
            field: [...path, usesPrincipal],
            edit: 'remove it',
          },
        ]
      : []),
    ...identityFindings(object, identityField),
    ...clientIdFindings(object, [...identityField, 'clientID']),
    ...(object.kind === 'Issuer'
      ? [
          {
            ...finding,
            detail:
              'only works if cert-manager runs with --issuer-ambient-credentials; a ClusterIssuer needs no flag',
            is: 'Issuer',
            should: 'ClusterIssuer',
            field: ['kind'],
            edit: 'use a ClusterIssuer, or pass --issuer-ambient-credentials to cert-manager',
            warning: true,
          },
        ]
      : []),
  ]
}

function identityFindings(object: KubeObject, field: (string | number)[]): ObjectFinding[] {
  const [clientId, resourceId, tenantId] = ['clientID', 'resourceID', 'tenantID'].map((key) =>
    textAt(object, [...field, key]),
  )
  if (resourceId !== undefined && (clientId ?? tenantId) !== undefined)
    return [
      {
        about: 'settings',
        detail: 'has a resourceID together with a client or tenant ID, which cert-manager rejects',
        is: resourceId,
        should: '(none)',
        field: [...field, 'resourceID'],
        edit: 'remove it; workload identity needs the client ID',
      },
    ]
  if (tenantId === undefined || clientId !== undefined) return []
  return [
    {
      about: 'settings',
      detail: 'has a managedIdentity.tenantID without a clientID, which cert-manager rejects',
      is: '(none)',
      should: 'clientID',
      field: [...field, 'tenantID'],
      edit: 'set clientID next to it',
    },
  ]
}
