import { az, instruction, option, type Remedy, type Script, withArgs } from '../base/command.ts'
import type { Distribution } from './distributions.ts'

/**
 * Returns how the issuer of a cluster becomes one that Microsoft Entra can read. `publish`: `issuer publish` for this
 * cluster.
 */
export function publishRemedy({ name, title, note }: Distribution, publish: Script): Remedy {
  if (name === 'aks')
    return instruction`Turn on the OIDC issuer of the AKS cluster: ${az('aks update', { 'resource-group': 'GROUP', name: 'CLUSTER', 'enable-oidc-issuer': true })}`
  if (name === 'arc')
    return instruction`Start the API server with the issuer of ${az('connectedk8s show', { 'resource-group': 'GROUP', name: 'CLUSTER', query: 'oidcIssuerProfile' })}`
  if (name === 'eks' || name === 'gke')
    return `This is a cluster of ${title}: ${note}. Start from a cluster with its default issuer`
  return instruction`This cluster (${title}) has no public issuer: ${note}. Publish the OIDC documents at a public https URL with ${withArgs(publish, ...option('--storage-account', 'NAME'))}, and start the API server with that URL as its first --service-account-issuer and the old one as its second`
}
