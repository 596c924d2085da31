/** Reports whether Flux, envsubst, a pipeline or an Argo CD plug-in replaces the value later: `${ID}`, `$(ID)`, `#{ID}#`, `__ID__`, `<path:…>`. */
export const isPlaceholder = (value: string): boolean =>
  /\$[{(\w]|#\{.{0,200}\}|^__\w+__$|^<path:/.test(value)
