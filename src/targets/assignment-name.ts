import { v5 as uuidv5 } from 'uuid'

const namespaceId = '8a1c2d1e-6f57-5c0e-9a55-77692d736574'

/** The same for one scope, role and principal, so that a lost response never creates a duplicate. */
export const assignmentName = (scope: string, role: string, principalId: string) =>
  uuidv5(`${scope.toLowerCase()}|${role}|${principalId}`, namespaceId)
