/**
 * Sets of fields, as managedFields keep them: a tree of path elements. Source: meta/v1 FieldsV1, KEP-555.
 * Elements are `f:<name>`, `k:<keys of a list item as JSON>`, `v:<value as JSON>`, `i:<index>`.
 */
import { isRecord } from '../json.ts';

export class FieldSet {
  /** Whether the path that leads here is itself in the set. */
  member = false;
  children: Map<string, FieldSet> | null = null;

  /** The subtree below one element, made when missing. */
  at(element: string): FieldSet {
    this.children ??= new Map();
    let child = this.children.get(element);
    if (child === undefined) {
      child = new FieldSet();
      this.children.set(element, child);
    }
    return child;
  }

  insert(path: readonly string[]): void {
    let here: FieldSet = this;
    for (const element of path) here = here.at(element);
    here.member = true;
  }

  get empty(): boolean {
    if (this.member) return false;
    if (this.children !== null) for (const child of this.children.values()) if (!child.empty) return false;
    return true;
  }

  union(other: FieldSet): FieldSet {
    const result = new FieldSet();
    result.member = this.member || other.member;
    for (const [element, child] of this.children ?? []) {
      const theirs = other.children?.get(element);
      result.at(element).become(theirs === undefined ? child : child.union(theirs));
    }
    for (const [element, child] of other.children ?? [])
      if (!this.children?.has(element)) result.at(element).become(child);
    return result;
  }

  difference(other: FieldSet): FieldSet {
    const result = new FieldSet();
    result.member = this.member && !other.member;
    for (const [element, child] of this.children ?? []) {
      const theirs = other.children?.get(element);
      const left = theirs === undefined ? child : child.difference(theirs);
      if (!left.empty) result.at(element).become(left);
    }
    return result;
  }

  intersection(other: FieldSet): FieldSet {
    const result = new FieldSet();
    result.member = this.member && other.member;
    for (const [element, child] of this.children ?? []) {
      const theirs = other.children?.get(element);
      if (theirs === undefined) continue;
      const shared = child.intersection(theirs);
      if (!shared.empty) result.at(element).become(shared);
    }
    return result;
  }

  /** Whether every member of `other` is one of this set. */
  includes(other: FieldSet): boolean {
    if (other.member && !this.member) return false;
    for (const [element, child] of other.children ?? []) {
      const own = this.children?.get(element);
      if (own === undefined ? !child.empty : !own.includes(child)) return false;
    }
    return true;
  }

  /** Whether the two have a member in common. */
  intersects(other: FieldSet): boolean {
    if (this.member && other.member) return true;
    for (const [element, child] of other.children ?? [])
      if (this.children?.get(element)?.intersects(child) === true) return true;
    return false;
  }

  /** Without the subtree below each of the given paths. */
  without(paths: readonly (readonly string[])[]): FieldSet {
    const result = this.copy();
    for (const path of paths) result.#cut(path);
    return result;
  }

  /** Only the path itself goes, what is below stays. */
  withoutMember(path: readonly string[]): void {
    let here: FieldSet | undefined = this;
    for (const element of path) here = here?.children?.get(element);
    if (here !== undefined) here.member = false;
  }

  copy(): FieldSet {
    const result = new FieldSet();
    result.member = this.member;
    for (const [element, child] of this.children ?? []) result.at(element).become(child.copy());
    return result;
  }

  /** Every path in the set, in order: the members at a place before what is below them. */
  *paths(): Generator<string[]> {
    if (this.member) yield [];
    yield* this.#below([]);
  }

  *#below(prefix: readonly string[]): Generator<string[]> {
    const elements = [...(this.children ?? [])].sort(([a], [b]) => compareElements(a, b));
    for (const [element, child] of elements) if (child.member) yield [...prefix, element];
    for (const [element, child] of elements) yield* child.#below([...prefix, element]);
  }

  equals(other: FieldSet): boolean {
    return this.difference(other).empty && other.difference(this).empty;
  }

  /** Takes over the content of another set. */
  become(other: FieldSet): void {
    this.member = other.member;
    this.children = other.children;
  }

  #cut(path: readonly string[]): void {
    const [element, ...rest] = path;
    if (element === undefined) return;
    const child = this.children?.get(element);
    if (child === undefined) return;
    if (rest.length === 0) this.children?.delete(element);
    else child.#cut(rest);
  }
}

/** FieldsV1 as JSON. */
export function encodeFields(set: FieldSet): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const element of [...(set.children?.keys() ?? [])].sort(compareElements)) {
    const child = set.children!.get(element)!;
    if (child.empty) continue;
    const inner = encodeFields(child);
    result[element] = child.member && Object.keys(inner).length > 0 ? { '.': {}, ...inner } : inner;
  }
  return result;
}

function compareElements(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Null when it is no FieldsV1. Nesting is bounded by the size of a request. */
export function decodeFields(value: unknown): FieldSet | null {
  if (!isRecord(value)) return null;
  const result = new FieldSet();
  for (const [element, inner] of Object.entries(value)) {
    if (element === '.') {
      result.member = true;
      continue;
    }
    if (element[1] !== ':' || !'fkvi'.includes(element[0] ?? '')) return null;
    const child = decodeFields(inner);
    if (child === null) return null;
    // A leaf is written as an empty object.
    if (child.empty) child.member = true;
    result.at(element).become(child);
  }
  return result;
}

/** `.spec.containers[name="a"].image`, as conflicts name fields. */
export function describePath(path: readonly string[]): string {
  return path
    .map((element) => {
      const rest = element.slice(2);
      if (element.startsWith('f:')) return `.${rest}`;
      if (element.startsWith('i:')) return `[${rest}]`;
      if (element.startsWith('v:')) return `[=${rest}]`;
      const keys = Object.entries(JSON.parse(rest) as Record<string, unknown>).sort(([a], [b]) =>
        compareElements(a, b),
      );
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}
