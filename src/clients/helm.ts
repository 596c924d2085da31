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
  /** Waits for another helm that is at work on the release; recovers what a killed one has left. */
  install(
    kubeconfig: string,
    of: {
      namespace: string
      name: string
      chart: string
      repo?: string
      version?: string
      values: Record<string, string>
      /** Is told what is waited for. */
      note?: (text: string) => void
    },
  ): Promise<void>
  /** Throws if there is no helm, or it cannot read the chart. */
  show(of: { chart: string; repo?: string; version?: string }): Promise<void>
  uninstall(kubeconfig: string, namespace: string, name: string): Promise<void>
}
