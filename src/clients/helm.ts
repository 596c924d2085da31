export interface Release {
  name: string
  namespace: string
  /** `deployed`, `pending-install`, `failed`, … */
  status: string
  chart: string
  values: Record<string, unknown>
}

/** The `helm` program (3 or newer), with its kubeconfig in a private temporary file. */
export interface Helm {
  /** Throws `ServiceError` code `HelmNotFound` if there is no helm. */
  release(kubeconfig: string, namespace: string, name: string): Promise<Release | undefined>
  install(
    kubeconfig: string,
    of: {
      namespace: string
      name: string
      chart: string
      repo?: string
      version?: string
      values: Record<string, string>
    },
  ): Promise<void>
  uninstall(kubeconfig: string, namespace: string, name: string): Promise<void>
}
