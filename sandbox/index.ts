/**
 * The Azure simulator's only entry point. It loads every service, so import it lazily.
 * @module
 */
export { ciHost } from './ci/hosts.ts'
export { jobToken, startGitHubJob } from './ci/start-job.ts'
export {
  type FaultName,
  type FaultRule,
  type FaultSettings,
  faultNames,
  type Lags,
} from './faults/fault-rules.ts'
export { matchesPath } from './faults/faults.ts'
export type { Call, Reply } from './http.ts'
export { createCluster, kubeconfig, kubeconfigOfAll } from './kube/clusters.ts'
export { readRealCluster } from './kube/real-cluster.ts'
export { SandboxError } from './sandbox-error.ts'
export type { SandboxState } from './sandbox-state.ts'
export { createAuthority, issueServerCertificate } from './server/certificates.ts'
export { environmentJson, environmentShell } from './server/environment.ts'
export { newKeys, type SandboxKeys } from './server/keys.ts'
export type { SandboxOptions } from './server/options.ts'
export { resetSandbox } from './server/reset.ts'
export { openSandbox, type SandboxSession } from './server/session.ts'
export { type Sandbox, startSandbox } from './server/start.ts'
export { journalText, type SandboxStatus, sandboxStatus, statusText } from './server/status.ts'
export { isWrite } from './services.ts'
export type { Simulator } from './simulator.ts'
