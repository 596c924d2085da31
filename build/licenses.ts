import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BundledPackage } from './bundled-packages.ts'

/** Licences whose terms the package meets by shipping their texts and notices. Another one needs a decision. */
const allowed = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT']

const isLegalFile = (name: string) => /^(licen[cs]e|copying|notice|copyright)/i.test(name)

// The texts of the SPDX identifiers, for packages that name a licence and don't contain it.
const standardTexts: Readonly<Record<string, string>> = {
  ISC: `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`,
  MIT: `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`,
}

/** Returns the package's licence and notice files, or the standard text of its licence with its author. */
function legalText({ name, version, license, author, folder }: BundledPackage): string {
  const texts = readdirSync(folder)
    .filter(isLegalFile)
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').replace(/\r\n?/g, '\n').trim())
  if (texts.length) return texts.join('\n\n')
  const standard = standardTexts[license]
  if (!standard || !author)
    throw new Error(
      `${name}@${version} (${license}) contains no licence file, and ${author ? 'build/licenses.ts has no text of that licence' : 'names no author'}`,
    )
  return `Copyright (c) ${author}\n\n${standard}`
}

/** Returns the licences of the packages, each text once. Throws for a licence that is not allowed. */
export function licensesText(packages: readonly BundledPackage[]): string {
  const byText = new Map<string, string[]>()
  for (const each of packages) {
    const id = `${each.name}@${each.version} (${each.license})`
    if (!allowed.includes(each.license))
      throw new Error(`The licence of ${id} is not in the list of allowed licences in build/licenses.ts`)
    const text = legalText(each)
    byText.set(text, [...(byText.get(text) ?? []), id])
  }
  const line = '-'.repeat(80)
  return `wi-setup contains code of the following ${packages.length} packages.\n${[...byText]
    .map(([text, ids]) => `\n${line}\n\n${ids.join('\n')}\n\n${text}\n`)
    .join('')}`
}
