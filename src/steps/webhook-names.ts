/** The objects of the Azure Workload Identity webhook, the same for the chart and the AKS add-on (1.0 to 1.6). */
export const webhookConfiguration = 'azure-wi-webhook-mutating-webhook-configuration'
export const webhookConfig = 'azure-wi-webhook-config'
export const webhookDeployment = 'azure-wi-webhook-controller-manager'
export const chartNamespace = 'azure-workload-identity-system'
/** Annotation of a namespace that wi-setup installed the release into. */
export const releaseAnnotation = 'wi-setup/release'
export const chartRelease = 'workload-identity-webhook'
