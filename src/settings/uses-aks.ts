import type { Settings } from './settings.ts'

/** Whether the workload runs in an AKS cluster that is named by itself, not by a kubeconfig. */
export const usesAks = ({
  issuer,
  context,
  kubeconfig,
}: Partial<Pick<Settings, 'issuer' | 'context' | 'kubeconfig'>>): boolean =>
  issuer === undefined && context === undefined && kubeconfig === undefined
