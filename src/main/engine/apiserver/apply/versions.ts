/**
 * Ownership across the versions of a kind: every entry of managedFields is about the object in the version it was written
 * in, so what a write changes is looked at in each of them. Source: KEP-555; structured-merge-diff, Updater.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { apiVersionOf } from '#shared/kubernetes/types.ts';
import type { KindDefinition } from '../types.ts';
import { type Comparison, compare } from './compare.ts';
import { ownable } from './ownable.ts';
import { type SchemaNode, schemaOf, zeroObject } from './schema.ts';
import { typeProblem } from './typed.ts';

/** The object cannot be shown in a version: it has fields that the version does not know. */
export class UnknownInVersion extends Error {}

/**
 * The kind in which an entry is to be read. Where versions are converted by a webhook, and for built-in kinds, entries are
 * read in the version of the request. Throws UnknownInVersion for a version that there is not any more.
 */
export function kindOfEntry(kind: KindDefinition, apiVersion: string): KindDefinition {
  if (apiVersion === apiVersionOf(kind) || kind.custom === undefined || kind.custom.conversion !== null) return kind;
  const [group, version = ''] = apiVersion.split('/');
  const found = group === kind.group ? kind.custom.inVersion(version) : undefined;
  if (found === undefined)
    throw new UnknownInVersion(`request to convert CR to an invalid group/version: ${apiVersion}`);
  return found;
}

/** An object as another version shows it before anything is left out. Throws UnknownInVersion. */
export function typedIn<T extends object>(kind: KindDefinition, object: T): { value: T; schema: SchemaNode } {
  const value = { ...object, apiVersion: apiVersionOf(kind) };
  const schema = schemaOf(kind);
  const problem = typeProblem(value, schema);
  if (problem !== null) throw new UnknownInVersion(problem);
  return { value, schema };
}

/** Whether the object can be shown in the version of an entry. Throws UnknownInVersion. */
export function typedFor(kind: KindDefinition, apiVersion: string, object: KubeObject): void {
  const entry = kindOfEntry(kind, apiVersion);
  if (entry !== kind) typedIn(entry, object);
}

/** What a write changes, in the versions of all who own something. */
export class Changes {
  readonly #kind: KindDefinition;
  readonly #old: KubeObject | null;
  readonly #next: KubeObject;
  readonly #subresource: string;
  readonly #known = new Map<KindDefinition, Comparison>();

  constructor(kind: KindDefinition, old: KubeObject | null, next: KubeObject, subresource: string) {
    this.#kind = kind;
    this.#old = old;
    this.#next = next;
    this.#subresource = subresource;
  }

  /** In the version of the request. */
  get own(): Comparison {
    return this.#compared(this.#kind);
  }

  /** Throws UnknownInVersion. */
  in(apiVersion: string): Comparison {
    return this.#compared(kindOfEntry(this.#kind, apiVersion));
  }

  #compared(kind: KindDefinition): Comparison {
    const known = this.#known.get(kind);
    if (known !== undefined) return known;
    const old = this.#old ?? zeroObject(kind);
    // Only in the version of the request it is known what a request is not answerable for.
    const result =
      kind === this.#kind
        ? compare(ownable(kind, old, this.#subresource), ownable(kind, this.#next, this.#subresource), schemaOf(kind))
        : compare(typedIn(kind, old).value, this.#converted(kind), schemaOf(kind));
    this.#known.set(kind, result);
    return result;
  }

  #converted(kind: KindDefinition): KubeObject {
    try {
      return typedIn(kind, this.#next).value;
    } catch (error) {
      throw new UnknownInVersion(`failed to convert new object: ${(error as Error).message}`);
    }
  }
}
