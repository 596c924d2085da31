// Prints what is wrong with a CycloneDX 1.6 document on standard input, by the schema in the OWASP library.
import { text } from 'node:stream/consumers'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'

const fault = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(
  await text(process.stdin),
)
process.stdout.write(JSON.stringify(fault))
