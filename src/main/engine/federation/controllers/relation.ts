/** Which sources point at which targets, asked from the target's side. Pure. */

export interface Relation {
  /** The source points at exactly these from now on; at nothing with an empty list. */
  set(source: string, targets: readonly string[]): void;
  /** All that point at the target, as a list of its own: it may be walked while the relation changes. */
  sources(target: string): string[];
}

export function createRelation(): Relation {
  const targetsOf = new Map<string, readonly string[]>();
  const sourcesOf = new Map<string, Set<string>>();

  return {
    set(source, targets) {
      for (const target of targetsOf.get(source) ?? []) {
        const sources = sourcesOf.get(target);
        sources?.delete(source);
        if (sources?.size === 0) sourcesOf.delete(target);
      }
      if (targets.length === 0) targetsOf.delete(source);
      else targetsOf.set(source, [...targets]);
      for (const target of targets) {
        const sources = sourcesOf.get(target);
        if (sources === undefined) sourcesOf.set(target, new Set([source]));
        else sources.add(source);
      }
    },
    sources: (target) => [...(sourcesOf.get(target) ?? [])],
  };
}
