// Builds dist/: the bundle, the scripts that pods run, and what the licences and a software bill of materials need.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { bundle } from './build/bundle.ts'
import { bundledPackages } from './build/bundled-packages.ts'
import { licensesText } from './build/licenses.ts'
import { sbom } from './build/sbom.ts'

// The first npx in a clone prepares the package again. `npm ci` has built it, and npx stays broken if it is interrupted.
const { npm_command: command, npm_lifecycle_event: script } = process.env
if (command === 'exec' && script === 'prepare' && existsSync('dist/main.js')) process.exit()

const { outputFiles, metafile } = await bundle(import.meta.dirname)
const packages = bundledPackages(metafile, import.meta.dirname)
const documents = {
  'THIRD-PARTY-LICENSES.txt': licensesText(packages),
  'sbom.cdx.json': sbom(JSON.parse(readFileSync('package.json', 'utf8')), packages),
}
// Only a build that went well takes the place of the last one.
rmSync('dist', { recursive: true, force: true })
mkdirSync('dist')
for (const { path, contents } of outputFiles) writeFileSync(path, contents)
for (const [name, text] of Object.entries(documents)) writeFileSync(`dist/${name}`, text)
for (const name of ['vault-reader.mjs', 'key-vault.mjs', 'api.mjs', 'inside.mjs'])
  copyFileSync(`src/sample/${name}`, `dist/${name}`)
