/** A user of a SQL database. The SID has the bytes of a client ID, or of a user's object ID. */
export interface SqlUser {
  name: string
  sid: string
  roles: string[]
}

/** A role of a PostgreSQL server that a Microsoft Entra principal signs in as. */
export interface PostgresRole {
  objectId: string
  type: string
  /** The GRANT statements that name it. */
  grants: string[]
}

export interface DatabasesState {
  /** By lower-case ID of the database, then by lower-case name. */
  sqlUsers: Record<string, Record<string, SqlUser>>
  /** By lower-case ID of the server, then by name, in which case matters. */
  postgresRoles: Record<string, Record<string, PostgresRole>>
}

declare module '../sandbox-state.ts' {
  interface SandboxState {
    /** What is in databases, outside Resource Manager. */
    databases: DatabasesState
  }
}

export const newDatabasesState = (): DatabasesState => ({ sqlUsers: {}, postgresRoles: {} })
