// Builds dist/: the bundle, the scripts that pods run, and what the licences and a software bill of materials need.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { bundle } from './build/bundle.ts'
import { bundledPackages } from './build/bundled-packages.ts'
import { licensesText } from './build/licenses.ts'
import { sbom } from './build/sbom.ts'

// The first npx in a clone prepares the package again. `npm ci` has built it, and npx stays broken if it is interrupted.
const { npm_command: command, npm_lifecycle_event: script } = process.env
if (command === 'exec' && script === 'prepare' && existsSync('dist/main.js')) process.exit()

const { outputFiles, metafile } = await bundle(import.meta.dirname)
const packages = bundledPackages(metafile, import.meta.dirname)
/** Contents by the path in dist/. */
const files = new Map([
  ...outputFiles.map(({ path, contents }) => [relative('dist', path), Buffer.from(contents)]),
  ...['vault-reader.mjs', 'key-vault.mjs', 'api.mjs', 'inside.mjs'].map((name) => [
    name,
    readFileSync(`src/sample/${name}`),
  ]),
  ['THIRD-PARTY-LICENSES.txt', Buffer.from(licensesText(packages))],
  ['sbom.cdx.json', Buffer.from(sbom(JSON.parse(readFileSync('package.json', 'utf8')), packages))],
])

// Only a build that went well replaces the last one; and only what has changed, because the program may be running.
mkdirSync('dist', { recursive: true })
for (const [name, contents] of files)
  if (!existsSync(`dist/${name}`) || !readFileSync(`dist/${name}`).equals(contents))
    writeFileSync(`dist/${name}`, contents)
for (const name of readdirSync('dist')) if (!files.has(name)) rmSync(`dist/${name}`, { recursive: true })
