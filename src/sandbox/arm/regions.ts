import { Refusal } from './refusal.ts'

interface Region {
  name: string
  displayName: string
  group: string
  geography: string
  paired: string
  place: string
  longitude: string
  latitude: string
  zones: boolean
}

const table = `
eastus|East US|US|United States|westus|Virginia|-79.8164|37.3719|z
eastus2|East US 2|US|United States|centralus|Virginia|-78.3889|36.6681|z
centralus|Central US|US|United States|eastus2|Iowa|-93.6208|41.5908|z
westus|West US|US|United States|eastus|California|-122.417|37.783|
westus2|West US 2|US|United States|westcentralus|Washington|-119.852|47.233|z
westus3|West US 3|US|United States|eastus|Phoenix|-112.074036|33.448376|z
northeurope|North Europe|Europe|Europe|westeurope|Ireland|-6.2597|53.3478|z
westeurope|West Europe|Europe|Europe|northeurope|Netherlands|4.9|52.3667|z
swedencentral|Sweden Central|Europe|Sweden|swedensouth|Gävle|17.14127|60.67488|z
germanywestcentral|Germany West Central|Europe|Germany|germanynorth|Frankfurt|8.682127|50.110924|z
francecentral|France Central|Europe|France|francesouth|Paris|2.3730|46.3772|z
switzerlandnorth|Switzerland North|Europe|Switzerland|switzerlandwest|Zurich|8.564572|47.451542|z
uksouth|UK South|Europe|United Kingdom|ukwest|London|-0.799|50.941|z
southeastasia|Southeast Asia|Asia Pacific|Asia Pacific|eastasia|Singapore|103.833|1.283|z
japaneast|Japan East|Asia Pacific|Japan|japanwest|Tokyo, Saitama|139.77|35.68|z
australiaeast|Australia East|Asia Pacific|Australia|australiasoutheast|New South Wales|151.2094|-33.86|z
`

export const regions: Region[] = table
  .trim()
  .split('\n')
  .map((line) => {
    const [
      name = '',
      displayName = '',
      group = '',
      geography = '',
      paired = '',
      place = '',
      longitude = '',
      latitude = '',
      zones,
    ] = line.split('|')
    return { name, displayName, group, geography, paired, place, longitude, latitude, zones: zones === 'z' }
  })

/** `East US` and `eastus` both mean `eastus`. */
export const regionName = (location: string) => location.toLowerCase().replace(/\s/g, '')

const names = regions.map((region) => region.name).join(',')

/** The region's name for a body's `location`; throws if there is none or it is unknown here. */
export function regionFor(location: unknown, what: { group: true } | { type: string }): string {
  if (typeof location !== 'string' || location === '')
    throw new Refusal(400, 'LocationRequired', 'The location property is required for this definition.', {
      by: 'gateway',
    })
  const name = regionName(location)
  if (regions.some((region) => region.name === name)) return name
  if ('group' in what)
    throw new Refusal(
      400,
      'LocationNotAvailableForResourceGroup',
      `The provided location '${location}' is not available for resource group. List of available regions is '${names}'.`,
      { by: 'gateway' },
    )
  throw new Refusal(
    400,
    'LocationNotAvailableForResourceType',
    `The provided location '${location}' is not available for resource type '${what.type}'. List of available regions for the resource type is '${names}'.`,
    { by: 'gateway' },
  )
}
