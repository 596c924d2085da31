import type { Service } from '../cloud.ts'

export const issuer: Service = () => ({ status: 501 })
