// Causes that several explanations and catalogue entries share.

export const differentClaims =
  "The credential's issuer, subject or audience differs from the token's, most often by a trailing slash on the issuer"
export const differentIdentity = "The service account's client-id annotation names a different identity"
export const differentServiceAccount = 'The pod runs as a different service account than intended'
export const replicating =
  'The credential was created only minutes ago. Until it has replicated, Entra may still reject it, even after a success'
export const identityBinding =
  'The token belongs to an AKS identity binding (api://AKSIdentityBinding) and is not meant for Entra'
export const registeredWithoutPrincipal =
  'The application was registered without one: unlike the portal, Graph and "az ad app create" do not create it'
export const deletedVaultKeepsName = 'A deleted vault keeps its name for 7 to 90 days'
export const deletedSecret = 'The secret was deleted; it can be recovered'
export const rolesIgnored = 'A role was assigned, but this vault ignores roles'
export const recentRole = 'The role was assigned less than 10 minutes ago'
export const noAccessToValues = "Owner and Contributor don't grant access to secret values"
export const installedTwice =
  'The AKS add-on and the Helm chart are both installed and share the same cluster roles'
