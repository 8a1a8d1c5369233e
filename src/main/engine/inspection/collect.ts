/**
 * Reads from a cluster what rules look at: in pages, a few kinds at a time, no faster than it is told. Pages go unread to a
 * `Reader`, which may sit in a thread. What may not be read or is not served there is named, so that a rule that needs it is
 * told as not checked, never as passed. Of a server that stops answering in the middle, what was read until then is kept.
 */
import type { X509Certificate } from 'node:crypto';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import {
  ApiError,
  backoffDelay,
  isGone,
  isNotFound,
  type KubeClient,
  servingCertificates,
  sleep,
} from '../kube/index.ts';
import { type Certificate, type ChainBreak, certificatesOf } from './certificates.ts';
import { createReader, type Reader } from './reader.ts';
import { SERVER_VERSION, SERVING_CERTIFICATE, type Source, sourcesFor } from './sources.ts';

const CONCURRENCY = 4;
/** How often one request is made of a server that answers with errors of its own. */
const ATTEMPTS = 3;
const BACKOFF = { baseMs: 100, maxMs: 500 };

export interface Missing {
  /** `roles.rbac.authorization.k8s.io`, `serving certificate`. */
  resource: string;
  why: 'forbidden' | 'notServed' | 'failed';
  reason: string;
}

export interface Collection {
  version: string | null;
  certificates: Certificate[];
  /** Where the chain of the API server is broken. */
  chain: ChainBreak | null;
  missing: Missing[];
}

export interface CollectOptions {
  signal?: AbortSignal;
  /** Resources that the rules need beyond what every inspection reads. */
  needs?: Iterable<string>;
  /** Awaited before each request: how a caller limits the load on the server. */
  pace?: (signal: AbortSignal | undefined) => Promise<void>;
  /** Told after every page and every kind. */
  onProgress?: (progress: { done: number; total: number; objects: number }) => void;
}

/** @throws AppError or ApiError when nothing at all could be read, or the signal's reason. */
export async function collect(client: KubeClient, reader: Reader, options: CollectOptions = {}): Promise<Collection> {
  const { signal, pace } = options;
  const found: Collection = { version: null, certificates: [], chain: null, missing: [] };
  let unknown: unknown = null;
  try {
    found.version = (await again(() => client.version(signal), signal)).gitVersion;
  } catch (error) {
    // Of a server that answers, if only with an error, the rest may still be read.
    if (!(error instanceof ApiError)) throw error;
    unknown = error;
    found.missing.push(missingOf({ name: SERVER_VERSION }, error));
  }
  const sources = sourcesFor(options.needs ?? []);
  const waiting = sources.filter(({ unpaged }) => !unpaged);
  let [done, objects] = [0, 0];
  let lost: unknown = null;
  const progress = (more = 0): void => {
    objects += more;
    options.onProgress?.({ done, total: sources.length, objects });
  };

  const worker = async (): Promise<void> => {
    for (let source = waiting.shift(); source !== undefined; source = waiting.shift()) {
      signal?.throwIfAborted();
      try {
        if (lost !== null) throw lost;
        const namespaces = source.unpaged ? await reader.podNamespaces() : null;
        for (const namespace of namespaces ?? [source.namespace])
          await readAll(client, reader, source, namespace, { signal, pace, onPage: progress });
      } catch (error) {
        if (signal?.aborted) throw error;
        if (!(source.noneUnlessServed && isNotFound(error))) found.missing.push(missingOf(source, error));
        // Not an answer: is anybody still there? Else every kind that is left would wait for its own time-out.
        if (lost === null && !(error instanceof ApiError)) lost = await goneOf(client, signal);
      }
      done += 1;
      progress();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  waiting.push(...sources.filter(({ unpaged }) => unpaged));
  await worker();
  if (unknown !== null && found.missing.length > sources.length) throw unknown;
  if (lost === null) Object.assign(found, await certificatesAt(client, found.missing));
  else found.missing.push({ resource: SERVING_CERTIFICATE, why: 'failed', reason: textOf(lost) });
  return found;
}

/** The same, kept here: for whoever may hold up nobody. */
export async function readCluster(
  client: KubeClient,
  options: CollectOptions = {},
): Promise<Collection & { objects: readonly KubeObject[] }> {
  const reader = createReader();
  const found = await collect(client, reader, options);
  return { ...found, objects: reader.objects };
}

/** Null while the server answers, else why it does not. */
async function goneOf(client: KubeClient, signal: AbortSignal | undefined): Promise<unknown> {
  try {
    await client.version(signal);
    return null;
  } catch (error) {
    if (signal?.aborted) throw error;
    return error instanceof ApiError ? null : error;
  }
}

/** All pages of one kind; from the start again, once, when the server has forgotten where it was. */
async function readAll(
  client: KubeClient,
  reader: Reader,
  source: Source,
  namespace: string | undefined,
  options: { signal: AbortSignal | undefined; pace: CollectOptions['pace']; onPage: (objects: number) => void },
): Promise<void> {
  const { signal, pace } = options;
  for (let attempt = 1; ; attempt++) {
    let [read, next]: [number, string | undefined] = [0, undefined];
    try {
      do {
        await pace?.(signal);
        const body = await again(
          () =>
            client.rawList(source.ref, {
              priority: 'background',
              ...(source.unpaged ? {} : { limit: source.page }),
              ...(namespace === undefined ? {} : { namespace }),
              ...(source.metadataOnly ? { metadataOnly: true } : {}),
              ...(next === undefined ? {} : { continue: next }),
              ...(signal === undefined ? {} : { signal }),
            }),
          signal,
        );
        const page = await reader.page(source.name, body);
        read += page.objects;
        next = page.next;
        options.onPage(page.objects);
      } while (next !== undefined);
      await reader.end(source.name, true);
      return;
    } catch (error) {
      // Part of a kind is as good as none: a rule would take what is not there for missing.
      await reader.end(source.name, false);
      options.onPage(-read);
      if (!isGone(error) || attempt > 1) throw error;
    }
  }
}

/** An error of the server itself (5xx) may be over the next time. */
async function again<T>(ask: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status < 500 || attempt >= ATTEMPTS) throw error;
      await sleep(backoffDelay(attempt, BACKOFF), signal);
      signal?.throwIfAborted();
    }
}

function missingOf({ name }: Pick<Source, 'name'>, error: unknown): Missing {
  const forbidden = error instanceof ApiError && error.status === 403;
  const why = forbidden ? 'forbidden' : isNotFound(error) ? 'notServed' : 'failed';
  return { resource: name, why, reason: textOf(error) };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the server shows, and what the kubeconfig has of certificates. */
async function certificatesAt(
  client: KubeClient,
  missing: Missing[],
): Promise<Pick<Collection, 'certificates' | 'chain'>> {
  const { authorities, serverName, client: own } = (await client.transport.certificates?.()) ?? {};
  let sent: X509Certificate[] = [];
  try {
    sent = await servingCertificates(client.transport.server, serverName);
  } catch (error) {
    missing.push({ resource: SERVING_CERTIFICATE, why: 'failed', reason: textOf(error) });
  }
  return certificatesOf({ sent, authorities, client: own });
}
