/** Pieces of Prometheus' text exposition format (0.0.4) that more than one page of metrics writes. */

/** A label's value between its quotes. */
export function escapedLabelValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
