import type { Cluster, KubeConfig } from '@kubernetes/client-node'
import { parse } from 'yaml'

/** A cluster with the configuration that its kubeconfig has for sign-in programs. */
export interface ExecCluster extends Cluster {
  execConfig?: unknown
}

/** Name of the extension whose value a sign-in program gets (Kubernetes: client.authentication.k8s.io, `Cluster.config`). */
const extensionName = 'client.authentication.k8s.io/exec'

interface KubeconfigText {
  clusters?: { name: string; cluster?: { extensions?: { name: string; extension: unknown }[] | null } }[]
}

/** Adds to the clusters what sign-in programs get, which the library drops. */
export function addExecConfig(config: KubeConfig, text: string): void {
  if (!text.includes(extensionName)) return
  for (const { name, cluster } of (parse(text) as KubeconfigText).clusters ?? []) {
    const extension = cluster?.extensions?.find((each) => each.name === extensionName)?.extension
    const target: ExecCluster | null = config.getCluster(name)
    if (target && extension !== undefined) target.execConfig = extension
  }
}
