import { join } from 'node:path'
import { kubeconfigOfAll } from '../kube/clusters.ts'
import type { SandboxState } from '../sandbox-state.ts'
import type { Simulator } from '../simulator.ts'
import { writePrivate } from './private-files.ts'

/** Keeps the files of the state folder up to date with the state. */
export interface Saving {
  /** Marks the state as changed since it was last saved. */
  markChanged(): void
  /** Saves the state if it was changed. Throws `SandboxError` if it can't be written; the next call tries again. */
  saveIfChanged(): void
}

/** Without a folder, nothing is ever written. */
export function createSaving(
  simulator: Simulator,
  stateDir: string | undefined,
  save: (state: SandboxState) => void,
): Saving {
  let changed = false
  let writtenFor: string | undefined
  /** Other programs use this kubeconfig; it lists the clusters that exist. */
  const writeKubeconfig = (dir: string) => {
    const clusters = Object.keys(simulator.state.clusters).join()
    if (clusters === writtenFor) return
    writePrivate(join(dir, 'kubeconfig'), kubeconfigOfAll(simulator))
    writtenFor = clusters
  }
  if (stateDir !== undefined) writeKubeconfig(stateDir)
  return {
    markChanged: () => {
      changed = true
    },
    saveIfChanged() {
      if (!changed) return
      if (stateDir !== undefined) {
        save(simulator.state)
        writeKubeconfig(stateDir)
      }
      changed = false
    },
  }
}
