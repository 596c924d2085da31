/** Only this part of the library, so that the bundle leaves its 700 generated classes out. */
export { KubeConfig } from '@kubernetes/client-node'
