import { createRouter } from '../router.ts'
import { operationRoutes } from './operation-routes.ts'
import { providers } from './providers.ts'
import type { ArmRoute } from './request.ts'
import { registrationRoutes } from './resources/registration.ts'

const routes: ArmRoute[] = [
  ...operationRoutes,
  ...providers.flatMap((provider) => provider.routes),
  ...registrationRoutes,
]

/** Finds the operation of a method and a path. */
export const findRoute = createRouter(routes)
