import type { Simulator } from '../simulator.ts'

export type CiSystem = 'github' | 'gitlab' | 'terraform' | 'oidc'

/** `github.ci.localhost:8443`. */
export const ciHost = ({ hostSuffix }: Pick<Simulator, 'hostSuffix'>, system: CiSystem): string =>
  `${system}.${hostSuffix('ci')}`

/** The hosts of the CI systems, by the name of their issuer. Entra itself signs the tokens of Azure DevOps. */
export const ciHosts = (simulator: Pick<Simulator, 'hostSuffix' | 'addresses'>): Record<string, string> => ({
  ...Object.fromEntries(
    (['github', 'gitlab', 'terraform'] as const).map((system) => [system, ciHost(simulator, system)]),
  ),
  'azure-devops': new URL(simulator.addresses.login).host,
})

/** Returns the `iss` of a system's tokens. GitHub's is that of GitHub Enterprise Server. */
export const issuerUrl = (simulator: Simulator, system: CiSystem): string =>
  `https://${ciHost(simulator, system)}${system === 'github' ? '/_services/token' : ''}`
