import type { Service } from './cloud.ts'

export const control: Service = () => ({ status: 501 })
