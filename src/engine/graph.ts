/**
 * Visits every node as soon as the nodes it depends on are done, each once; `visit` gets their results in the order of
 * `dependenciesOf`. Returns the results in the order of `nodes`. If visits fail, the others still finish; then the first
 * failure, in that order, is thrown.
 */
export async function walkGraph<Node, Result>(
  nodes: readonly Node[],
  dependenciesOf: (node: Node) => readonly Node[],
  visit: (node: Node, dependencies: Result[]) => Promise<Result>,
): Promise<Result[]> {
  const visits = new Map<Node, Promise<Result>>()
  const start = (node: Node): Promise<Result> => {
    let running = visits.get(node)
    if (!running) {
      running = Promise.all(dependenciesOf(node).map(start)).then((results) => visit(node, results))
      visits.set(node, running)
    }
    return running
  }
  const results = await Promise.allSettled(nodes.map(start))
  const failure = results.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason
  return results.map((result) => (result as PromiseFulfilledResult<Result>).value)
}
