import type { Fault } from '../fault.ts'
import { hasKubectl } from '../remedy.ts'
import { before } from './before.ts'
import { somebody } from './caller.ts'
import { cluster } from './cluster.ts'
import { posture } from './posture.ts'
import { trust } from './trust.ts'
import { vault } from './vault.ts'
import { webhook } from './webhook.ts'
import { workload } from './workload.ts'

export const allFaults: Fault[] = [
  ...before,
  ...somebody,
  ...cluster,
  ...trust,
  ...webhook,
  ...vault,
  // Their remedies are kubectl's with patches that only kubectl makes.
  ...(hasKubectl ? workload : []),
  ...(hasKubectl ? posture : []),
]
