/** The objects of the Azure Workload Identity webhook, by chart and by AKS add-on alike (1.0 to 1.6). */
export const webhookConfiguration = 'azure-wi-webhook-mutating-webhook-configuration'
export const webhookConfig = 'azure-wi-webhook-config'
export const webhookDeployment = 'azure-wi-webhook-controller-manager'
export const chartNamespace = 'azure-workload-identity-system'
/** Annotation of the namespace that the release was put into by us. */
export const releaseAnnotation = 'wi-setup/release'
export const chartRelease = 'workload-identity-webhook'
