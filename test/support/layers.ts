// The layer table: which file may import what. test/unit/layers.test.ts checks every import, types included.

/** Top to bottom. A file imports from its own layer and from the layers below it. A later, longer path wins. */
export const layers: readonly string[] = [
  'bin/',
  // The output of `npm run build`.
  'dist/',
  'src/main.ts',
  'src/cli.ts',
  'src/commands/',
  'src/session/',
  'src/ui/',
  'src/checks/',
  'src/steps/',
  'src/targets/',
  'src/issuers/',
  'src/engine/',
  'src/explain/',
  'src/settings/',
  'src/clients/',
  'src/base/',
  // The scripts that pods run: they import Node's own modules only.
  'src/sample/',
]

/** Folders beside src/, each with the other folders that it imports. */
export const folders: Readonly<Record<string, readonly string[]>> = {
  'sandbox/': [],
  'test/support/': ['src/', 'sandbox/'],
  // Some modules are tested on the fixtures of these suites.
  'test/unit/': ['test/support/', 'test/score/', 'test/laws/', 'src/', 'sandbox/', 'docs/', 'build/'],
  'test/program/': ['test/support/', 'src/', 'sandbox/'],
  'test/laws/': ['test/support/', 'src/', 'sandbox/'],
  'test/score/': ['test/support/', 'src/', 'sandbox/'],
  'test/e2e/': ['test/score/', 'test/support/', 'src/', 'sandbox/'],
  'bench/': ['test/support/', 'src/', 'sandbox/'],
  'docs/': ['test/support/', 'src/'],
  'build/': [],
}

/** The simulator's one entry point, and the only files of src/ that import it. */
export const sandboxEntry = 'sandbox/index.ts'
export const sandboxUsers: readonly string[] = ['src/session/', 'src/commands/sandbox.ts']

/** Packages that src/ and sandbox/ may import, and where. A name that ends with a slash is a scope. */
export const packages: Readonly<Record<string, readonly string[]>> = {
  '@azure/': ['src/clients/'],
  '@microsoft/': ['src/clients/'],
  '@kubernetes/': ['src/clients/'],
  commander: ['src/cli.ts', 'src/commands/program.ts'],
  '@inquirer/': ['src/ui/prompts.ts'],
  ora: ['src/ui/live-view.ts'],
  'string-width': ['src/ui/'],
  execa: ['src/clients/run-program.ts'],
  'node:child_process': ['src/base/process-', 'sandbox/kube/'],
  '@peculiar/': ['sandbox/server/certificates.ts'],
  'reflect-metadata': ['sandbox/server/certificates.ts'],
  jose: ['src/checks/', 'sandbox/'],
  rhea: ['src/clients/azure/', 'sandbox/messaging/'],
  ws: ['src/clients/azure/', 'sandbox/messaging/'],
  uuid: ['src/targets/'],
  yaml: ['src/', 'sandbox/'],
  'node:': ['src/', 'sandbox/', 'bin/'],
}

/** Globals that src/, sandbox/ and bin/ may use, and where. */
export const globals: Readonly<Record<string, readonly string[]>> = {
  process: [
    'bin/',
    'src/main.ts',
    'src/base/host.ts',
    'src/base/private-folder.ts',
    'src/base/process-',
    'src/sample/',
    'sandbox/',
  ],
  console: ['src/sample/'],
}

/** Functions that load a module without an import, past this table. */
export const loaders: readonly string[] = ['getBuiltinModule', 'createRequire']

/** Files of src/ that may write files. Everything else calls `writeFileAtomically`. */
export const fileWriters: Readonly<Record<string, string>> = {
  'src/base/write-file.ts': 'writes every file of the user',
  'src/base/private-folder.ts': 'makes and removes private temporary folders',
  'src/clients/helm-program.ts': "writes helm's kubeconfig into a private temporary folder",
  'src/commands/run/issuer/folder.ts': 'makes the folders of published documents',
  'src/session/trust-store.ts': "makes the folder of the user's configuration",
}
