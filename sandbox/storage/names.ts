/** Names of containers and queues; containers may also be called `$web`, `$root` and `$logs`. */
const dashedName = /^[a-z0-9](-?[a-z0-9])+$/

const hasLength = (name: string) => name.length >= 3 && name.length <= 63

export const isContainerName = (name: string) =>
  ['$web', '$root', '$logs'].includes(name) || (hasLength(name) && dashedName.test(name))

export const isQueueName = (name: string) => hasLength(name) && dashedName.test(name)

export const isTableName = (name: string) => /^[a-z][a-z0-9]{2,62}$/i.test(name)
