import { setImmediate as nextTurn } from 'node:timers/promises'

/** The libraries that take longest to load, in the order in which most commands need them. */
const libraries: readonly (() => Promise<unknown>)[] = [
  () => import('@azure/identity'),
  () => import('@azure/arm-containerservice'),
  () => import('./kube/kube-config.ts'),
  () => import('@microsoft/microsoft-graph-client'),
  () => import('@azure/arm-keyvault'),
  () => import('@azure/keyvault-secrets'),
]

/** Loads libraries while the first requests are on their way, which takes no time then. A failure is left to who needs one. */
export async function loadAhead(signal: AbortSignal): Promise<void> {
  for (const load of libraries) {
    await nextTurn()
    if (signal.aborted) return
    await load().catch(() => {})
  }
}
