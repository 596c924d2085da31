import type { Simulator } from '../simulator.ts'

/** The identifiers of Microsoft Graph: its address here, the public cloud's, and its application ID. */
export const graphAudiences = ({ addresses }: Simulator): string[] => [
  addresses.graph,
  'https://graph.microsoft.com',
  '00000003-0000-0000-c000-000000000000',
]
