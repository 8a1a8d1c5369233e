/**
 * Where a registered cluster's identity comes from: a file that is read again when it changes, or a text kept in the
 * repository. One source per (file, context); nothing is merged or written.
 */
import { stat } from 'node:fs/promises';
import os from 'node:os';
import { AppError } from '#shared/errors.ts';
import type { ClusterIdentity } from '../kube/index.ts';
import { contextOf, type KubeconfigEntry, parseKubeconfig, readKubeconfigFile } from '../kubeconfig/index.ts';

export interface IdentitySource {
  /** Cheap when nothing changed; throws the kubeconfig's own problem. */
  identity(): Promise<ClusterIdentity>;
  entry(): Promise<KubeconfigEntry>;
}

/** A source that can be exchanged for another one while connections hold on to it. */
export interface SwitchableSource extends IdentitySource {
  switchTo(source: IdentitySource): void;
}

export function switchable(first: IdentitySource): SwitchableSource {
  let present = first;
  return {
    entry: () => present.entry(),
    identity: () => present.identity(),
    switchTo(source) {
      present = source;
    },
  };
}

/** A file is looked at no more often than this. */
const LOOK_AGAIN_MS = 2_000;

export function fileSource(path: string, context: string): IdentitySource {
  let known: { stamp: string; entry: KubeconfigEntry; lookedAt: number } | null = null;

  async function entry(): Promise<KubeconfigEntry> {
    const now = Date.now();
    if (known !== null && now - known.lookedAt < LOOK_AGAIN_MS) return known.entry;
    const stamp = await stampOf(path);
    if (known !== null && stamp !== null && known.stamp === stamp) {
      known.lookedAt = now;
      return known.entry;
    }
    known = null;
    const read = contextOf(await readKubeconfigFile(path), context);
    known = { stamp: stamp ?? '', entry: read, lookedAt: now };
    return read;
  }

  return { entry, identity: async () => (await entry()).identity() };
}

export function textSource(text: () => Promise<string | null>, context: string): IdentitySource {
  let known: Promise<KubeconfigEntry> | null = null;

  async function read(): Promise<KubeconfigEntry> {
    const kept = await text();
    if (kept === null) throw new AppError('KUBECONFIG_EMPTY', 'the kept kubeconfig is missing from the store');
    return contextOf(await parseKubeconfig(kept, os.homedir()), context);
  }

  function entry(): Promise<KubeconfigEntry> {
    if (known === null) {
      const reading = read();
      known = reading;
      // A store that is locked now may be open later.
      reading.catch(() => {
        if (known === reading) known = null;
      });
    }
    return known;
  }

  return { entry, identity: async () => (await entry()).identity() };
}

async function stampOf(path: string): Promise<string | null> {
  try {
    const info = await stat(path);
    return `${info.mtimeMs}:${info.size}:${info.ino}`;
  } catch {
    // Reading it says what is wrong.
    return null;
  }
}
