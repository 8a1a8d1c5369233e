/**
 * Lists and maps that were sent without items. The stored form leaves most of them out, but the real server still has
 * them in memory while it judges a write, and its messages print `{}` or `[]` where nothing was sent would be `null`.
 * They are remembered beside the object that held them, until it has been judged.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import { cloneJson } from '../json.ts';

type Empties = Map<string, Json>;

const byHolder = new WeakMap<object, Empties>();
const holdersOf = new WeakMap<object, object[]>();
/** Holders found in the object that is being read; reading is never interrupted. */
let found: object[] = [];

/** `holder` leaves out a field that was sent as `value`, which has no items, or will once it is settled. */
export function leaveOut(holder: object, name: string, value: Json): void {
  let empties = byHolder.get(holder);
  if (empties === undefined) {
    empties = new Map();
    byHolder.set(holder, empties);
    found.push(holder);
  }
  empties.set(name, value);
}

/** What was left out of `holder` belongs to `root`, which takes its place. */
export function leftOutAtTop(holder: object, root: object): void {
  const empties = byHolder.get(holder);
  if (empties !== undefined) for (const [name, value] of empties) leaveOut(root, name, value);
}

/** A shallow copy of which the same is known. */
export function copyAsSent(holder: Json): Json {
  const copy = { ...holder };
  const empties = byHolder.get(holder);
  if (empties !== undefined) byHolder.set(copy, empties);
  return copy;
}

/** Whether something was left out of the object, which has been read before. */
export const isIncomplete = (root: object): boolean => holdersOf.has(root);

/** Whether something was left out of the value, or of anything in it, that has not been filled in since. */
export function isSentEmptyBelow(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const isEmpty = (name: string): boolean => Object.keys(value[name] ?? {}).length === 0;
  return [...(byHolder.get(value)?.keys() ?? [])].some(isEmpty) || Object.values(value).some(isSentEmptyBelow);
}

/** All that was left out since the last time belongs to `root`. */
export function leftOutOf(root: object): void {
  if (found.length > 0) holdersOf.set(root, found);
  found = [];
}

/** A deep copy of which the same is known. */
export function cloneAsSent<T extends object>(root: T): T {
  const copy = cloneJson(root);
  if (!isIncomplete(root)) return copy;
  const follow = (one: Json, other: Json): void => {
    if (typeof one !== 'object' || one === null) return;
    leftOutAtTop(one, other);
    for (const key of Object.keys(one)) follow(one[key], other[key]);
  };
  follow(root, copy);
  leftOutOf(copy);
  return copy;
}

/** Everything in it is copied, so that it can be changed in place; what is known of it stays. */
export function renewAsSent(root: Json): void {
  const copy = cloneAsSent(root);
  Object.assign(root, copy);
  const holders = holdersOf.get(copy);
  if (holders !== undefined) holdersOf.set(root, byHolder.has(root) ? [...holders, root] : holders);
}

/** What is stored tells no list without items from none: where a field is written in any case it becomes null. */
export function settleEmpty(root: object): void {
  for (const holder of (holdersOf.get(root) ?? []) as Json[])
    for (const name of byHolder.get(holder)!.keys())
      if (holder[name] !== undefined && Object.keys(holder[name] ?? {}).length === 0) holder[name] = null;
}

/** From now on nothing is known of what was left out: what is stored has no empty lists and maps. */
export function forgetLeftOut(root: object): void {
  for (const holder of holdersOf.get(root) ?? []) byHolder.delete(holder);
  holdersOf.delete(root);
}

/** A field as it was sent: what it holds, the empty list or map that was left out, or null. */
export function asSent(holder: Json, name: string): Json {
  const value = holder?.[name];
  if (value !== undefined && value !== null) return value;
  return (typeof holder === 'object' && holder !== null ? byHolder.get(holder)?.get(name) : null) ?? null;
}
