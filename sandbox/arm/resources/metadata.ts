import type { Reply } from '../../http.ts'
import type { Simulator } from '../../simulator.ts'

/**
 * Describes the cloud: az, terraform and go-autorest get its endpoints from here. It must not be named AzureCloud, for
 * which az uses its own login endpoint.
 */
function description({ addresses }: Simulator) {
  const { arm, login, graph, vaultSuffix } = addresses
  const domain = vaultSuffix.replace(/^vault\./, '')
  const at = (name: string) => `https://${name}.${domain}`
  return {
    portal: at('portal'),
    authentication: {
      loginEndpoint: login,
      audiences: [arm, `${arm}/`],
      tenant: 'common',
      identityProvider: 'AAD',
    },
    media: at('media'),
    graphAudience: `${graph}/`,
    graph: `${graph}/`,
    name: 'WiSandbox',
    suffixes: {
      azureDataLakeStoreFileSystem: `azuredatalakestore.${domain}`,
      acrLoginServer: `azurecr.${domain}`,
      sqlServerHostname: `database.${domain}`,
      azureDataLakeAnalyticsCatalogAndJob: `azuredatalakeanalytics.${domain}`,
      keyVaultDns: vaultSuffix,
      storage: `core.${domain}`,
      azureFrontDoorEndpointSuffix: `azurefd.${domain}`,
      storageSyncEndpointSuffix: `afs.${domain}`,
      mhsmDns: `managedhsm.${domain}`,
      mysqlServerEndpoint: `mysql.${domain}`,
      postgresqlServerEndpoint: `postgres.${domain}`,
      mariadbServerEndpoint: `mariadb.${domain}`,
      synapseAnalytics: `dev.azuresynapse.${domain}`,
      attestationEndpoint: `attest.${domain}`,
    },
    batch: `${at('batch')}/`,
    resourceManager: `${arm}/`,
    vmImageAliasDoc: `${arm}/aliases.json`,
    activeDirectoryDataLake: `${at('datalake')}/`,
    sqlManagement: `${at('sql')}/`,
    microsoftGraphResourceId: `${graph}/`,
    appInsightsResourceId: at('ai'),
    appInsightsTelemetryChannelResourceId: at('ai-telemetry'),
    attestationResourceId: at('attest'),
    synapseAnalyticsResourceId: at('dev.azuresynapse'),
    logAnalyticsResourceId: at('la'),
    ossrDbmsResourceId: at('ossrdbms-aad'),
    gallery: `${at('gallery')}/`,
  }
}

/** `GET /metadata/endpoints`, which needs no token. The shape depends on the API version. */
export function metadata(simulator: Simulator, version: string): Reply {
  const body = description(simulator)
  if (version === '1.0' || version < '2018')
    return {
      status: 200,
      body: {
        galleryEndpoint: body.gallery,
        graphEndpoint: body.graph,
        portalEndpoint: `${body.portal}/`,
        authentication: {
          loginEndpoint: `${body.authentication.loginEndpoint}/`,
          audiences: body.authentication.audiences,
        },
      },
    }
  return { status: 200, body: version < '2022' ? [body] : body }
}
