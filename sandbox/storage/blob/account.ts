import type { Reply } from '../../http.ts'
import { hasService } from '../accounts.ts'
import { xmlReply } from '../enumeration.ts'
import { invalidXml, StorageError } from '../errors.ts'
import type { StorageRequest } from '../request.ts'
import { setWebsite } from '../website.ts'
import { childrenOf, element, textOf, type Xml } from '../xml.ts'

const noMetrics = (name: string): Xml =>
  element(name, [
    element('Version', '1.0'),
    element('Enabled', false),
    element('RetentionPolicy', [element('Enabled', false)]),
  ])

const logging = element('Logging', [
  element('Version', '1.0'),
  element('Read', false),
  element('Write', false),
  element('Delete', false),
  element('RetentionPolicy', [element('Enabled', false)]),
])

/** The settings of a service that the simulator doesn't have, as their defaults. */
export const defaultProperties = [
  logging,
  noMetrics('HourMetrics'),
  noMetrics('MinuteMetrics'),
  element('Cors'),
]

export function getServiceProperties({ account }: StorageRequest): Reply {
  const { enabled, indexDocument, defaultIndexDocumentPath, errorDocument404Path } = account.data.website
  const optional = {
    IndexDocument: indexDocument,
    DefaultIndexDocumentPath: defaultIndexDocumentPath,
    ErrorDocument404Path: errorDocument404Path,
  }
  return xmlReply(
    element('StorageServiceProperties', [
      ...defaultProperties,
      element('DeleteRetentionPolicy', [element('Enabled', false)]),
      element('StaticWebsite', [
        element('Enabled', enabled),
        ...Object.entries(optional)
          .filter(([, value]) => value !== undefined)
          .map(([name, value]) => element(name, value)),
      ]),
    ]),
  )
}

/** Sets the static website, which is the only setting of the service that the simulator has. */
export function setServiceProperties({ call, simulator, account }: StorageRequest): Reply {
  const text = call.body.toString('utf8')
  if (!/<StorageServiceProperties[\s/>]/.test(text)) throw invalidXml()
  const website = childrenOf(text, 'StaticWebsite')
  if (website === undefined) return { status: 202 }
  if (!hasService(account.kind, 'web'))
    throw new StorageError(
      400,
      'FeatureNotSupportedForAccount',
      'Static website is not supported for the account.',
    )
  const [indexDocument, defaultIndexDocumentPath, errorDocument404Path] = [
    'IndexDocument',
    'DefaultIndexDocumentPath',
    'ErrorDocument404Path',
  ].map((name) => textOf(website, name))
  setWebsite(simulator, account.data, {
    enabled: textOf(website, 'Enabled') === 'true',
    ...(indexDocument && { indexDocument }),
    ...(defaultIndexDocumentPath && { defaultIndexDocumentPath }),
    ...(errorDocument404Path && { errorDocument404Path }),
  })
  return { status: 202 }
}
