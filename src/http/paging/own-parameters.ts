// Which parameters of a request the links of a list repeat: those that the list reads.

/** Anything else would be a stranger's text in a header of ours, for whoever follows the links. */
export function ownParameters(query: URLSearchParams, names: readonly string[]): URLSearchParams {
  return new URLSearchParams([...query].filter(([name]) => names.includes(name)));
}
