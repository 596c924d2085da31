/** Pairs of faults that can be detected at the same time. */
export const pairs: [`WI${number}`, `WI${number}`][] = [
  ['WI104', 'WI501'],
  ['WI103', 'WI301'],
  ['WI106', 'WI206'],
  ['WI105', 'WI305'],
  ['WI102', 'WI503'],
  ['WI111', 'WI209'],
  ['WI114', 'WI303'],
  ['WI104', 'WI505'],
  ['WI113', 'WI301'],
  ['WI209', 'WI507'],
  ['WI206', 'WI510'],
  ['WI304', 'WI504'],
  ['WI201', 'WI507'],
  ['WI407', 'WI305'],
  ['WI110', 'WI303'],
]
