import type { DataServiceName } from './data-services.ts'

/** A request to the data of a service, as the workload sends it. */
export interface DataRequest {
  service: DataServiceName
  url: string
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT'
  headers?: Record<string, string>
  body?: string
  /**
   * How the token is sent: `Authorization: Bearer …` if left out, else what this returns. Undefined: there is no such
   * header, because the body contains the token.
   */
  authorization?: (token: string) => string | undefined
}

export interface DataResponse {
  status: number
  text: string
  header(name: string): string | undefined
}

/** What a workload may do with messages, without receiving or sending one. */
export interface MessagingRequest {
  service: 'servicebus' | 'eventhub'
  /** The address of the namespace, from Azure. */
  endpoint: string
  /** `orders`, `news`, `news/Subscriptions/all`, or the name of an event hub. */
  entity: string
  /** Reads a message and leaves it there; attaches a link for sending and sends nothing; reads the event hub's partitions. */
  operation: 'peek' | 'attach' | 'read'
}

/** A login to a database, as the drivers of the workload do it. */
export interface DatabaseLogin {
  service: 'sql' | 'postgresql'
  /** Host name of the server, from Azure. */
  host: string
  database: string
  /** The role to sign in as. Azure SQL finds the user by the token. */
  user: string
}

/** Sends requests of a workload to the data of a service. */
export interface DataPlane {
  /** Returns the response of status 200 to 299; any other is thrown as `ServiceError` with the service's code. */
  send(request: DataRequest, token: string): Promise<DataResponse>
  /** Returns how many messages (0 or 1) or partitions were read. Throws `ServiceError` with the condition of AMQP as its code. */
  probe(request: MessagingRequest, token: string): Promise<number>
  /** Signs in and out again. Throws `ServiceError` with the number or SQLSTATE of the server's error as its code. */
  logIn(request: DatabaseLogin, token: string): Promise<void>
}
