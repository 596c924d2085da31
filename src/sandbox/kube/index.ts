import type { Service } from '../cloud.ts'

export const handle: Service = () => ({ status: 501 })
