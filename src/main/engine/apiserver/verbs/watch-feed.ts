/**
 * One watcher: the state there is, then every change after it, as fast as the reader takes them. A reader that does not
 * keep up is not buffered for: the feed remembers only the revision it has got to and goes on from the collection's
 * history, which all watchers share. Once that history is gone the watcher is told to list again (410).
 */

import { ApiError } from '../../kube/index.ts';
import type { WatchFrame, WatchSink } from '../request/types.ts';
import { internal, refuse } from '../status.ts';
import type { Collection } from '../storage/collection.ts';
import { Stored } from '../storage/stored.ts';
import type { StoreEvent } from '../storage/types.ts';
import type { Converter } from '../versions.ts';
import { type Selection, selects } from './read.ts';
import { type Encoder, Frame } from './watch-frames.ts';

/** Objects a webhook is asked for at once. */
const CONVERTED_TOGETHER = 500;

/** Changes kept for one reader while it takes the present state, which history alone might not cover. */
const MAX_PENDING_EVENTS = 20_000;

export interface FeedOptions {
  collection: Collection;
  selection: Selection;
  encoder: Encoder;
  sink: WatchSink;
  /** Events after this revision; null: the present state first. */
  start: number | null;
  /** The revision of the present state. */
  current: number;
  /** Null: everything can be shown as it is stored. */
  converter: Converter | null;
  /** Makes what is sent when the present state is complete; null: nothing is. */
  initialEnd: ((feed: Feed) => WatchFrame) | null;
}

export class Feed {
  readonly #collection: Collection;
  readonly #selection: Selection;
  readonly #encoder: Encoder;
  readonly #sink: WatchSink;
  /** Every change up to here has been sent, or needs no sending. */
  #position: number;
  #initial: { key: string; stored: Stored }[] = [];
  #initialAt = 0;
  #initialEnd: ((feed: Feed) => WatchFrame) | null;
  readonly #converter: Converter | null;
  /** A webhook is being asked for the version of what comes next. */
  #converting = false;
  /** Changes that wait for the reader. */
  #pending: StoreEvent[] = [];
  #pendingAt = 0;
  /** New changes go to `pending`; otherwise they are found in the history again. */
  #appending: boolean;
  /** Not everything there is has been sent. */
  #behind = true;
  #first = true;
  #stopped = false;

  /** Sends what can be sent at once. */
  constructor(options: FeedOptions) {
    const { collection, selection, start } = options;
    this.#collection = collection;
    this.#selection = selection;
    this.#encoder = options.encoder;
    this.#sink = options.sink;
    this.#position = start ?? options.current;
    this.#initialEnd = options.initialEnd;
    this.#converter = options.converter;
    this.#appending = start === null;
    if (start === null)
      for (const key of collection.keys(selection.prefix)) {
        const stored = collection.items.get(key)!;
        if (this.#converter !== null || selects(selection, key, stored)) this.#initial.push({ key, stored });
      }
    collection.watchers.add(this.#onEvent);
    options.sink.onDrain(() => this.#pump());
    this.#pump();
  }

  /** The last revision whose change the reader has, or needs not have. */
  get position(): number {
    return this.#position;
  }

  /** Everything there is has been sent: a bookmark may carry the newest revision. */
  get upToDate(): boolean {
    return !this.#behind && !this.#stopped;
  }

  /** Nothing has been sent yet. */
  get first(): boolean {
    return this.#first;
  }

  stop(): void {
    this.#stopped = true;
    this.#collection.watchers.delete(this.#onEvent);
    this.#initial = [];
    this.#pending = [];
  }

  send(frame: WatchFrame): void {
    if (!this.#stopped && !this.#sink.event(frame)) this.stop();
  }

  readonly #onEvent = (event: StoreEvent): void => {
    if (!this.#behind) {
      if (this.#converter !== null && !this.#isReady([event])) {
        this.#behind = true;
        this.#pump();
      } else if (this.#sink.full) this.#behind = true;
      else this.#deliver(event);
    } else if (this.#appending) {
      this.#pending.push(event);
      if (this.#pending.length - this.#pendingAt > MAX_PENDING_EVENTS) this.#cut();
    } else if (this.#collection.compactedRevision > this.#position && this.#pending.length === 0) this.#cut();
  };

  #cut(): void {
    this.stop();
    this.#sink.cut();
  }

  #pump(): void {
    if (!this.#behind) return;
    while (!this.#stopped && !this.#sink.full && !this.#waitsForVersions()) {
      if (this.#initialAt < this.#initial.length) {
        const { key, stored } = this.#initial[this.#initialAt++]!;
        const shown = this.#shown(stored);
        if (this.#converter === null || selects(this.#selection, key, shown)) this.#stored('ADDED', shown);
      } else if (this.#initialEnd !== null) {
        this.#initial = [];
        this.#initialAt = 0;
        const frame = this.#initialEnd(this);
        this.#initialEnd = null;
        this.send(frame);
      } else if (this.#pendingAt < this.#pending.length) this.#deliver(this.#pending[this.#pendingAt++]!);
      else if (!this.#catchUp()) return;
    }
  }

  /** Looks for changes that have not been sent. False: there are none, or nobody can tell any more. */
  #catchUp(): boolean {
    this.#initial = [];
    this.#initialAt = 0;
    const missed = this.#appending ? [] : this.#collection.eventsAfter(this.#position);
    this.#appending = false;
    this.#pending = missed ?? [];
    this.#pendingAt = 0;
    if (missed === null) this.#expire();
    else this.#behind = missed.length > 0;
    return missed !== null && missed.length > 0;
  }

  #deliver(event: StoreEvent): void {
    // A watch may begin at a revision that is yet to come.
    if (event.revision <= this.#position) return;
    this.#position = event.revision;
    const selection = this.#selection;
    const { key } = event;
    const current = this.#shown(event.current);
    const previous = event.previous === null ? null : this.#shown(event.previous);
    const was = previous !== null && selects(selection, key, previous);
    const is = event.type !== 'DELETED' && selects(selection, key, current);
    if (is) this.#stored(was ? 'MODIFIED' : 'ADDED', current);
    else if (was) this.#stored('DELETED', event.type === 'DELETED' ? current : departed(previous!, event.revision));
  }

  #shown(stored: Stored): Stored {
    return this.#converter === null ? stored : this.#converter.known(stored)!;
  }

  /** Whether the change and what was before it are known in the version of the watch. */
  #isReady(events: readonly StoreEvent[]): boolean {
    return events.every(
      ({ current, previous }) =>
        this.#converter!.known(current) !== undefined &&
        (previous === null || this.#converter!.known(previous) !== undefined),
    );
  }

  /** Asks for the versions of what comes next, and goes on when they are there. False: they are. */
  #waitsForVersions(): boolean {
    const converter = this.#converter;
    if (converter === null || this.#converting) return this.#converting;
    const next =
      this.#initialAt < this.#initial.length
        ? this.#initial.slice(this.#initialAt, this.#initialAt + CONVERTED_TOGETHER).map(({ stored }) => stored)
        : this.#initialEnd !== null
          ? []
          : this.#pending
              .slice(this.#pendingAt, this.#pendingAt + CONVERTED_TOGETHER)
              .flatMap(({ current, previous }) => (previous === null ? [current] : [current, previous]));
    const unknown = next.filter((stored) => converter.known(stored) === undefined);
    if (unknown.length === 0) return false;
    this.#converting = true;
    converter.convert(unknown).then(
      () => {
        this.#converting = false;
        this.#pump();
      },
      (error: unknown) => this.#fail(error),
    );
    return true;
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    const { body } = error instanceof ApiError ? error : internal(String(error));
    this.send(new Frame('ERROR', JSON.stringify(body)));
    this.stop();
    this.#sink.end();
  }

  #stored(type: string, stored: Stored): void {
    this.send(this.#encoder.frame(type, stored, this.#first));
    this.#first = false;
  }

  #expire(): void {
    const text = `too old resource version: ${this.#position} (${this.#collection.compactedRevision + 1})`;
    this.send(new Frame('ERROR', JSON.stringify(refuse(410, 'Expired', text).body)));
    this.stop();
    this.#sink.end();
  }
}

/** What an object looked like when it was last selected, under the revision of the change that took it out. */
function departed({ object }: Stored, revision: number): Stored {
  const metadata = { ...object.metadata, resourceVersion: String(revision) };
  return Stored.ofObject({ ...object, metadata }, revision);
}
