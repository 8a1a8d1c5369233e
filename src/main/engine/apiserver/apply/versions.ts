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

/** A webhook has to be asked how an object looks in a version before anybody can go on. */
export class ViewWanted extends Error {
  readonly kind: KindDefinition;
  readonly object: KubeObject;

  constructor(kind: KindDefinition, object: KubeObject) {
    super(`${object.kind ?? ''} is not known in ${apiVersionOf(kind)} yet`);
    this.kind = kind;
    this.object = object;
  }
}

/** What a webhook said about objects in other versions, for one write. */
export class Views {
  readonly #known = new Map<string, KubeObject | UnknownInVersion>();

  /** Throws ViewWanted, and UnknownInVersion for what the webhook refused. */
  of(kind: KindDefinition, object: KubeObject): KubeObject {
    if (kind.custom?.conversion === null || object.apiVersion === apiVersionOf(kind)) return object;
    const known = this.#known.get(keyOf(kind, object));
    if (known === undefined) throw new ViewWanted(kind, object);
    if (known instanceof UnknownInVersion) throw known;
    return known;
  }

  learn({ kind, object }: ViewWanted, view: KubeObject | UnknownInVersion): void {
    this.#known.set(keyOf(kind, object), view);
  }
}

const keyOf = (kind: KindDefinition, object: KubeObject): string => `${apiVersionOf(kind)} ${JSON.stringify(object)}`;

/**
 * The kind in which an entry is to be read. Entries of built-in kinds, and where a webhook converts and nobody asks it, are
 * read in the version of the request. Throws UnknownInVersion for a version that there is not any more.
 */
export function kindOfEntry(kind: KindDefinition, apiVersion: string, views?: Views): KindDefinition {
  if (apiVersion === apiVersionOf(kind) || kind.custom === undefined) return kind;
  if (kind.custom.conversion !== null && views === undefined) return kind;
  const [group, version = ''] = apiVersion.split('/');
  const found = group === kind.group ? kind.custom.inVersion(version) : undefined;
  if (found === undefined)
    throw new UnknownInVersion(`request to convert CR to an invalid group/version: ${apiVersion}`);
  return found;
}

/** An object as another version shows it before anything is left out. Throws UnknownInVersion and ViewWanted. */
export function typedIn(
  kind: KindDefinition,
  object: KubeObject,
  views?: Views,
): { value: KubeObject; schema: SchemaNode } {
  const value = { ...(views?.of(kind, object) ?? object), apiVersion: apiVersionOf(kind) };
  const schema = schemaOf(kind);
  const problem = typeProblem(value, schema);
  if (problem !== null) throw new UnknownInVersion(problem);
  return { value, schema };
}

/** Whether the object can be shown in the version of an entry. Throws UnknownInVersion. */
export function typedFor(kind: KindDefinition, apiVersion: string, object: KubeObject, views?: Views): void {
  const entry = kindOfEntry(kind, apiVersion, views);
  if (entry !== kind) typedIn(entry, object, views);
}

/** What a write changes, in the versions of all who own something. */
export class Changes {
  readonly #kind: KindDefinition;
  readonly #old: KubeObject | null;
  readonly #next: KubeObject;
  readonly #subresource: string;
  readonly #views: Views | undefined;
  readonly #known = new Map<KindDefinition, Comparison>();

  constructor(
    kind: KindDefinition,
    old: KubeObject | null,
    next: KubeObject,
    subresource: string,
    views: Views | undefined = undefined,
  ) {
    this.#kind = kind;
    this.#old = old;
    this.#next = next;
    this.#subresource = subresource;
    this.#views = views;
  }

  /** In the version of the request. */
  get own(): Comparison {
    return this.#compared(this.#kind);
  }

  /** Throws UnknownInVersion. */
  in(apiVersion: string): Comparison {
    return this.#compared(kindOfEntry(this.#kind, apiVersion, this.#views));
  }

  #compared(kind: KindDefinition): Comparison {
    const known = this.#known.get(kind);
    if (known !== undefined) return known;
    // Only in the version of the request it is known what a request is not answerable for.
    const result =
      kind === this.#kind
        ? compare(
            ownable(kind, this.#old ?? zeroObject(kind), this.#subresource),
            ownable(kind, this.#next, this.#subresource),
            schemaOf(kind),
          )
        : compare(this.#before(kind), this.#converted(kind), schemaOf(kind));
    this.#known.set(kind, result);
    return result;
  }

  /** A webhook is not asked about owners. */
  #withoutManagers(object: KubeObject): KubeObject {
    if (object.metadata?.managedFields === undefined) return object;
    const { managedFields: _managed, ...metadata } = object.metadata;
    return { ...object, metadata };
  }

  #before(kind: KindDefinition): Record<string, unknown> {
    if (this.#old === null) return { ...zeroObject(kind), apiVersion: apiVersionOf(kind) };
    return typedIn(kind, this.#withoutManagers(this.#old), this.#views).value;
  }

  #converted(kind: KindDefinition): KubeObject {
    try {
      return typedIn(kind, this.#withoutManagers(this.#next), this.#views).value;
    } catch (error) {
      if (error instanceof ViewWanted) throw error;
      throw new UnknownInVersion(`failed to convert new object: ${(error as Error).message}`);
    }
  }
}
