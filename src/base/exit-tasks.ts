const tasks = new Set<() => void>()

/** Runs `task` if the process exits before the returned function is called. It must be synchronous. */
export function onExit(task: () => void): () => void {
  tasks.add(task)
  return () => void tasks.delete(task)
}

/** Runs all tasks, even if some fail. */
export function runExitTasks(): void {
  for (const task of tasks)
    try {
      task()
    } catch {
      // The process is ending: nobody can act on it.
    }
  tasks.clear()
}
