/** Results as they are stored: JSON in parts of a size that is quickly written and read, compressed off the event loop. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { TargetResult } from '../types.ts';

const zip = promisify(gzip);
const unzip = promisify(gunzip);
const OBJECTS_PER_PART = 1000;

/** The first part has the tallies; every part names its target. */
export async function* packed({ objects, ...head }: TargetResult): AsyncGenerator<Uint8Array> {
  for (let at = 0; at === 0 || at < objects.length; at += OBJECTS_PER_PART) {
    const part: TargetResult = {
      ...head,
      tallies: at === 0 ? head.tallies : {},
      objects: objects.slice(at, at + OBJECTS_PER_PART),
    };
    yield await zip(JSON.stringify(part));
  }
}

/** The results of a run again, one for each target. */
export async function unpacked(parts: readonly Uint8Array[]): Promise<TargetResult[]> {
  const byTarget = new Map<string, TargetResult>();
  for (const bytes of parts) {
    const part = JSON.parse((await unzip(bytes)).toString('utf8')) as TargetResult;
    const key = `${part.target.kind}:${part.target.id}`;
    const known = byTarget.get(key);
    if (known === undefined) byTarget.set(key, part);
    else {
      Object.assign(known.tallies, part.tallies);
      for (const object of part.objects) known.objects.push(object);
    }
  }
  return [...byTarget.values()];
}
