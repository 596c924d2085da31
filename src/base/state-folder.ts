/** Returns the folder in which wi-setup keeps what belongs to this user on this machine. */
export function stateFolder({
  env,
  home,
}: {
  env: Record<string, string | undefined>
  home: string
}): string {
  const { XDG_STATE_HOME, LOCALAPPDATA } = env
  return `${XDG_STATE_HOME || LOCALAPPDATA || `${home}/.local/state`}/wi-setup`
}
