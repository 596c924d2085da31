/** Imports only this class, so that the bundle excludes the library's 700 generated classes. */
export { KubeConfig } from '@kubernetes/client-node'
