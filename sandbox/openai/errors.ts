import { RejectedRequest } from '../data-plane.ts'

export const rejected = (status: number, code: string, message: string) =>
  new RejectedRequest({ status, body: { error: { code, message } } })

/** The gateway in front of the models rejects tokens in a format of its own. */
export const invalidToken = () =>
  new RejectedRequest({
    status: 401,
    body: {
      statusCode: 401,
      message:
        'Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired.',
    },
  })
