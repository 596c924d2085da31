import type { Cloud } from '../cloud.ts'

export async function stopPods(_cloud: Cloud): Promise<void> {}
