export interface Release {
  name: string
  namespace: string
  /** For example `deployed`, `pending-install` or `failed`. */
  status: string
  chart: string
  values: Record<string, unknown>
}

/** The `helm` program (version 3 or newer). It gets the kubeconfig in a private temporary file. */
export interface Helm {
  /** Throws `ServiceError` with the code `HelmNotFound` if helm is not installed. */
  release(kubeconfig: string, namespace: string, name: string): Promise<Release | undefined>
  /** Installs or upgrades the release. Waits for another Helm process first, and recovers the release if one was killed. */
  install(
    kubeconfig: string,
    options: {
      namespace: string
      name: string
      chart: string
      repo?: string
      version?: string
      /** SHA-256 of the chart's archive, which is compared before it is installed. */
      digest?: string
      values: Record<string, string>
      /** Called with a message while waiting for another Helm process. */
      note?: (text: string) => void
    },
  ): Promise<void>
  /** Throws if helm is not installed or can't read the chart. */
  show(options: { chart: string; repo?: string; version?: string }): Promise<void>
  uninstall(kubeconfig: string, namespace: string, name: string): Promise<void>
}
