import { ArmError } from '../errors.ts'

interface Region {
  name: string
  displayName: string
  group: string
  geography: string
  paired: string
  place: string
  longitude: string
  latitude: string
  category: 'Recommended' | 'Other'
  zones: boolean
}

const table = `
eastus|East US|US|United States|westus|Virginia|-79.8164|37.3719|r|z
westus2|West US 2|US|United States|westcentralus|Washington|-119.852|47.233|r|z
australiaeast|Australia East|Asia Pacific|Australia|australiasoutheast|New South Wales|151.2094|-33.86|r|z
southeastasia|Southeast Asia|Asia Pacific|Asia Pacific|eastasia|Singapore|103.833|1.283|r|z
northeurope|North Europe|Europe|Europe|westeurope|Ireland|-6.2597|53.3478|r|z
swedencentral|Sweden Central|Europe|Sweden|swedensouth|Gävle|17.14127|60.67488|r|z
westeurope|West Europe|Europe|Europe|northeurope|Netherlands|4.9|52.3667|r|z
uksouth|UK South|UK|United Kingdom|ukwest|London|-0.799|50.941|r|z
centralus|Central US|US|United States|eastus2|Iowa|-93.6208|41.5908|r|z
southafricanorth|South Africa North|Africa|South Africa|southafricawest|Johannesburg|28.21837|-25.73134|r|z
centralindia|Central India|Asia Pacific|India|southindia|Pune|73.9197|18.5822|r|z
eastasia|East Asia|Asia Pacific|Asia Pacific|southeastasia|Hong Kong|114.188|22.267|r|z
indonesiacentral|Indonesia Central|Asia Pacific|Indonesia||Jakarta|106.816666|-6.2|r|z
japaneast|Japan East|Asia Pacific|Japan|japanwest|Tokyo, Saitama|139.77|35.68|r|z
japanwest|Japan West|Asia Pacific|Japan|japaneast|Osaka|135.5022|34.6939|r|z
koreacentral|Korea Central|Asia Pacific|Korea|koreasouth|Seoul|126.978|37.5665|r|z
malaysiawest|Malaysia West|Asia Pacific|Malaysia||Kuala Lumpur|101.693207|3.140853|r|z
newzealandnorth|New Zealand North|Asia Pacific|New Zealand||Auckland|174.76349|-36.84853|r|z
canadacentral|Canada Central|Canada|Canada|canadaeast|Toronto|-79.383|43.653|r|z
austriaeast|Austria East|Europe|Austria||Vienna|16.3727779|48.2092056|r|z
belgiumcentral|Belgium Central|Europe|Belgium||Brussels|4.355707169|50.84553528|r|z
denmarkeast|Denmark East|Europe|Denmark||Copenhagen|12.56553|55.67594|r|z
francecentral|France Central|Europe|France|francesouth|Paris|2.373|46.3772|r|z
germanywestcentral|Germany West Central|Europe|Germany|germanynorth|Frankfurt|8.682127|50.110924|r|z
italynorth|Italy North|Europe|Italy||Milan|9.18109|45.46888|r|z
norwayeast|Norway East|Europe|Norway|norwaywest|Norway|10.752245|59.913868|r|z
polandcentral|Poland Central|Europe|Poland||Warsaw|21.01666|52.23334|r|z
spaincentral|Spain Central|Europe|Spain||Madrid|3.4209|40.4259|r|z
switzerlandnorth|Switzerland North|Europe|Switzerland|switzerlandwest|Zurich|8.564572|47.451542|r|z
mexicocentral|Mexico Central|Mexico|Mexico||Querétaro State|-100.389888|20.588818|r|z
uaenorth|UAE North|Middle East|UAE|uaecentral|Dubai|55.316666|25.266666|r|z
brazilsouth|Brazil South|South America|Brazil|southcentralus|Sao Paulo State|-46.633|-23.55|r|z
chilecentral|Chile Central|South America|Chile||Santiago|-70.673676|-33.447487|r|z
israelcentral|Israel Central|Middle East|Israel||Israel|33.4506633|31.2655698|r|z
qatarcentral|Qatar Central|Middle East|Qatar||Doha|51.439327|25.551462|r|z
eastus2|East US 2|US|United States|centralus|Virginia|-78.3889|36.6681|o|z
southcentralus|South Central US|US|United States|northcentralus|Texas|-98.5|29.4167|o|z
westus3|West US 3|US|United States|eastus|Phoenix|-112.074036|33.448376|o|z
northcentralus|North Central US|US|United States|southcentralus|Illinois|-87.6278|41.8819|o|
westus|West US|US|United States|eastus|California|-122.417|37.783|o|
jioindiawest|Jio India West|Asia Pacific|India|jioindiacentral|Jamnagar|70.05773|22.470701|o|
westcentralus|West Central US|US|United States|westus2|Wyoming|-110.234|40.89|o|
southafricawest|South Africa West|Africa|South Africa|southafricanorth|Cape Town|18.843266|-34.075691|o|
australiacentral|Australia Central|Asia Pacific|Australia|australiacentral2|Canberra|149.1244|-35.3075|o|
australiacentral2|Australia Central 2|Asia Pacific|Australia|australiacentral|Canberra|149.1244|-35.3075|o|
australiasoutheast|Australia Southeast|Asia Pacific|Australia|australiaeast|Victoria|144.9631|-37.8136|o|
jioindiacentral|Jio India Central|Asia Pacific|India|jioindiawest|Nagpur|79.08886|21.146633|o|
koreasouth|Korea South|Asia Pacific|Korea|koreacentral|Busan|129.0756|35.1796|o|
southindia|South India|Asia Pacific|India|centralindia|Chennai|80.1636|12.9822|o|
westindia|West India|Asia Pacific|India|southindia|Mumbai|72.868|19.088|o|
canadaeast|Canada East|Canada|Canada|canadacentral|Quebec|-71.217|46.817|o|
francesouth|France South|Europe|France|francecentral|Marseille|2.1972|43.8345|o|
germanynorth|Germany North|Europe|Germany|germanywestcentral|Berlin|8.806422|53.073635|o|
norwaywest|Norway West|Europe|Norway|norwayeast|Norway|5.733107|58.969975|o|
switzerlandwest|Switzerland West|Europe|Switzerland|switzerlandnorth|Geneva|6.143158|46.204391|o|
uaecentral|UAE Central|Middle East|UAE|uaenorth|Abu Dhabi|54.366669|24.466667|o|
brazilsoutheast|Brazil Southeast|South America|Brazil|brazilsouth|Rio|-43.2075|-22.90278|o|
ukwest|UK West|UK|United Kingdom|uksouth|Cardiff|-3.084|53.427|o|
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
      category,
      zones,
    ] = line.split('|')
    return {
      name,
      displayName,
      group,
      geography,
      paired,
      place,
      longitude,
      latitude,
      category: category === 'r' ? 'Recommended' : 'Other',
      zones: zones === 'z',
    }
  })

/** Geographies; the list of locations contains them too. */
export const geographies = `
asia|Asia
asiapacific|Asia Pacific
australia|Australia
brazil|Brazil
canada|Canada
europe|Europe
france|France
germany|Germany
global|Global
india|India
indonesia|Indonesia
israel|Israel
italy|Italy
japan|Japan
korea|Korea
malaysia|Malaysia
mexico|Mexico
newzealand|New Zealand
norway|Norway
poland|Poland
qatar|Qatar
singapore|Singapore
southafrica|South Africa
spain|Spain
sweden|Sweden
switzerland|Switzerland
taiwan|Taiwan
uae|United Arab Emirates
uk|United Kingdom
unitedstates|United States
unitedstateseuap|United States EUAP
`
  .trim()
  .split('\n')
  .map((line) => {
    const [name = '', displayName = ''] = line.split('|')
    return { name, displayName }
  })

/** Returns `eastus` for both `East US` and `eastus`. */
export const regionName = (location: string) => location.toLowerCase().replace(/\s/g, '')

const names = regions.map((region) => region.name).join(',')

/** Returns the region of a body's `location`. Throws 400 if it is missing or unknown. */
export function requireRegion(location: unknown, target: { group: true } | { type: string }): string {
  if (typeof location !== 'string' || location === '')
    throw new ArmError(400, 'LocationRequired', 'The location property is required for this definition.', {
      by: 'gateway',
    })
  const name = regionName(location)
  if (regions.some((region) => region.name === name)) return name
  if ('group' in target)
    throw new ArmError(
      400,
      'LocationNotAvailableForResourceGroup',
      `The provided location '${location}' is not available for resource group. List of available regions is '${names}'.`,
      { by: 'gateway' },
    )
  throw new ArmError(
    400,
    'LocationNotAvailableForResourceType',
    `The provided location '${location}' is not available for resource type '${target.type}'. List of available regions for the resource type is '${names}'.`,
    { by: 'gateway' },
  )
}
