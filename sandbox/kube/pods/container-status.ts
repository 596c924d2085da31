import { sha256 } from '../../sha256.ts'
import { formatTime } from '../objects/store.ts'
import type { JsonObject, PodState } from '../state.ts'

const imageName = (image: string) =>
  /^[^/]+[.:][^/]*\//.test(image) ? image : `docker.io/${image.includes('/') ? image : `library/${image}`}`

/** Returns the status of a container. `started` is undefined until its start time. */
export function containerStatus(
  container: JsonObject,
  runtime: PodState,
  started: number | undefined,
  restartPolicy: string,
  uid: string,
): JsonObject {
  const ended = runtime.ended?.[container.name]
  const id = `containerd://${sha256(`${uid}${container.name}${runtime.restarts ?? 0}`).toString('hex')}`
  const image = imageName(container.image)
  const terminated = ended && {
    exitCode: ended.code,
    reason: ended.code === 0 ? 'Completed' : 'Error',
    startedAt: formatTime(started ?? ended.at),
    finishedAt: formatTime(ended.at),
    containerID: id,
  }
  const restarts = restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && ended?.code !== 0)
  const state: JsonObject =
    started === undefined
      ? { waiting: { reason: 'ContainerCreating' } }
      : terminated && !restarts
        ? { terminated: terminated }
        : terminated && runtime.ready === false
          ? {
              waiting: {
                reason: 'CrashLoopBackOff',
                message: `back-off restarting failed container=${container.name}`,
              },
            }
          : { running: { startedAt: formatTime(started) } }
  const running = 'running' in state
  return {
    name: container.name,
    state,
    lastState: terminated && restarts ? { terminated: terminated } : {},
    ready: running && runtime.ready === true,
    restartCount: runtime.restarts ?? 0,
    image: started === undefined ? container.image : image,
    imageID:
      started === undefined ? '' : `${image.replace(/:[^/]*$/, '')}@sha256:${sha256(image).toString('hex')}`,
    ...(started === undefined ? {} : { containerID: id }),
    started: running,
  }
}
