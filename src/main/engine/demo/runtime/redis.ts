/**
 * What a simulated Redis keeps: the commands that tutorials and troubleshooting use, over strings, lists, hashes and sets,
 * in memory, as long as the container runs. Pure but for the time it is told. Source: the Redis command reference.
 */

export type Reply = { ok: string } | { error: string } | number | string | null | Reply[];

type Value = string | string[] | Map<string, string> | Set<string>;

interface Entry {
  value: Value;
  /** Milliseconds since the epoch. */
  expiresAt: number | null;
}

class Refused extends Error {}

const OK: Reply = { ok: 'OK' };
const NO_INTEGER = 'ERR value is not an integer or out of range';
const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';
const SYNTAX = 'ERR syntax error';
/** A value longer than a container could keep many of. */
const MOST_LENGTH = 1 << 20;
const UNITS: Readonly<Record<string, number>> = { k: 1000, kb: 1024, m: 1e6, mb: 1 << 20, g: 1e9, gb: 1 << 30 };

type Command = (args: string[]) => Reply;

export class RedisStore {
  readonly #entries = new Map<string, Entry>();
  readonly #settings: Map<string, string>;
  readonly #now: () => number;
  readonly #commands: ReadonlyMap<string, { least: number; run: Command }>;

  /** `settings`: as its configuration says them. */
  constructor(settings: ReadonlyMap<string, string>, now: () => number) {
    this.#settings = new Map([
      ['maxmemory', '0'],
      ['maxmemory-policy', 'noeviction'],
      ['appendonly', 'no'],
      ['save', '3600 1 300 100 60 10000'],
      ['port', '6379'],
      ...[...settings].map(([name, value]): [string, string] => [name, name === 'maxmemory' ? bytesIn(value) : value]),
    ]);
    this.#now = now;
    this.#commands = new Map(Object.entries(this.#table()).map(([name, [least, run]]) => [name, { least, run }]));
  }

  run([name = '', ...args]: readonly string[]): Reply {
    const command = this.#commands.get(name.toLowerCase());
    if (command === undefined) {
      const shown = args.map((arg) => `'${arg}' `).join('');
      return { error: `ERR unknown command '${name}', with args beginning with: ${shown}` };
    }
    if (args.length < command.least)
      return { error: `ERR wrong number of arguments for '${name.toLowerCase()}' command` };
    try {
      return command.run(args);
    } catch (error) {
      if (error instanceof Refused) return { error: error.message };
      throw error;
    }
  }

  #table(): Record<string, [least: number, run: Command]> {
    const list =
      (end: 'left' | 'right'): Command =>
      ([key = '', ...values]) => {
        const found = this.#list(key) ?? [];
        for (const value of values) end === 'left' ? found.unshift(value) : found.push(value);
        this.#put(key, found);
        return found.length;
      };
    const pop =
      (end: 'left' | 'right'): Command =>
      ([key = '']) => {
        const found = this.#list(key);
        if (found === undefined) return null;
        const value = (end === 'left' ? found.shift() : found.pop()) ?? null;
        if (found.length === 0) this.#entries.delete(key);
        return value;
      };
    const add =
      (by: (args: string[]) => number): Command =>
      (args) => {
        const [key = ''] = args;
        const sum = whole(this.#text(key) ?? '0') + by(args);
        this.#put(key, String(sum), true);
        return sum;
      };
    const expire =
      (factor: number): Command =>
      ([key = '', count = '']) => {
        const entry = this.#entry(key);
        if (entry === undefined) return 0;
        entry.expiresAt = this.#now() + whole(count) * factor;
        return 1;
      };
    const left =
      (factor: number): Command =>
      ([key = '']) => {
        const entry = this.#entry(key);
        if (entry === undefined) return -2;
        return entry.expiresAt === null ? -1 : Math.ceil((entry.expiresAt - this.#now()) / factor);
      };
    const flush: Command = () => {
      this.#entries.clear();
      return OK;
    };
    return {
      ping: [0, ([text]) => text ?? { ok: 'PONG' }],
      echo: [1, ([text = '']) => text],
      auth: [1, () => ({ error: 'ERR AUTH <password> called without any password configured for the default user.' })],
      select: [1, () => OK],
      quit: [0, () => OK],
      time: [0, () => [String(Math.floor(this.#now() / 1000)), String((this.#now() % 1000) * 1000)]],
      set: [2, (args) => this.#set(args)],
      get: [1, ([key = '']) => this.#text(key)],
      getset: [2, ([key = '', value = '']) => this.#swap(key, value)],
      setnx: [2, ([key = '', value = '']) => (this.#set([key, value, 'NX']) === null ? 0 : 1)],
      setex: [3, ([key = '', seconds = '', value = '']) => this.#set([key, value, 'EX', seconds])],
      mset: [
        2,
        (args) => {
          if (args.length % 2 !== 0) throw new Refused("ERR wrong number of arguments for 'mset' command");
          for (let at = 0; at < args.length; at += 2) this.#put(args[at]!, args[at + 1]!);
          return OK;
        },
      ],
      mget: [1, (keys) => keys.map((key) => (typeof this.#entry(key)?.value === 'string' ? this.#text(key) : null))],
      append: [
        2,
        ([key = '', value = '']) => {
          const text = (this.#text(key) ?? '') + value;
          this.#put(key, text, true);
          return text.length;
        },
      ],
      strlen: [1, ([key = '']) => (this.#text(key) ?? '').length],
      incr: [1, add(() => 1)],
      decr: [1, add(() => -1)],
      incrby: [2, add(([, by = '']) => whole(by))],
      decrby: [2, add(([, by = '']) => -whole(by))],
      del: [1, (keys) => keys.filter((key) => this.#entry(key) !== undefined && this.#entries.delete(key)).length],
      unlink: [1, (keys) => keys.filter((key) => this.#entry(key) !== undefined && this.#entries.delete(key)).length],
      exists: [1, (keys) => keys.filter((key) => this.#entry(key) !== undefined).length],
      expire: [2, expire(1000)],
      pexpire: [2, expire(1)],
      ttl: [1, left(1000)],
      pttl: [1, left(1)],
      persist: [
        1,
        ([key = '']) => {
          const entry = this.#entry(key);
          if (entry === undefined || entry.expiresAt === null) return 0;
          entry.expiresAt = null;
          return 1;
        },
      ],
      type: [1, ([key = '']) => ({ ok: typeOf(this.#entry(key)?.value) })],
      keys: [1, ([pattern = '']) => this.#names().filter((key) => globbed(pattern).test(key))],
      scan: [1, () => ['0', this.#names()]],
      dbsize: [0, () => this.#names().length],
      flushall: [0, flush],
      flushdb: [0, flush],
      lpush: [2, list('left')],
      rpush: [2, list('right')],
      lpop: [1, pop('left')],
      rpop: [1, pop('right')],
      llen: [1, ([key = '']) => this.#list(key)?.length ?? 0],
      lrange: [
        3,
        ([key = '', from = '', to = '']) => {
          const found = this.#list(key) ?? [];
          const at = (text: string) => (whole(text) < 0 ? found.length + whole(text) : whole(text));
          return found.slice(Math.max(0, at(from)), at(to) + 1);
        },
      ],
      hset: [
        3,
        ([key = '', ...fields]) => {
          const found = this.#hash(key) ?? new Map<string, string>();
          const before = found.size;
          for (let at = 0; at + 1 < fields.length; at += 2) found.set(fields[at]!, fields[at + 1]!);
          this.#put(key, found);
          return found.size - before;
        },
      ],
      hget: [2, ([key = '', field = '']) => this.#hash(key)?.get(field) ?? null],
      hgetall: [1, ([key = '']) => [...(this.#hash(key) ?? [])].flat()],
      hdel: [2, ([key = '', ...fields]) => fields.filter((field) => this.#hash(key)?.delete(field)).length],
      hlen: [1, ([key = '']) => this.#hash(key)?.size ?? 0],
      sadd: [
        2,
        ([key = '', ...members]) => {
          const found = this.#set_(key) ?? new Set<string>();
          const before = found.size;
          for (const member of members) found.add(member);
          this.#put(key, found);
          return found.size - before;
        },
      ],
      srem: [2, ([key = '', ...members]) => members.filter((member) => this.#set_(key)?.delete(member)).length],
      smembers: [1, ([key = '']) => [...(this.#set_(key) ?? [])]],
      sismember: [2, ([key = '', member = '']) => (this.#set_(key)?.has(member) ? 1 : 0)],
      scard: [1, ([key = '']) => this.#set_(key)?.size ?? 0],
      config: [1, (args) => this.#config(args)],
      info: [0, () => this.#info()],
    };
  }

  #config([verb = '', name = '', value]: string[]): Reply {
    if (/^get$/i.test(verb))
      return [...this.#settings].filter(([setting]) => globbed(name.toLowerCase()).test(setting)).flat();
    if (!/^set$/i.test(verb) || value === undefined) throw new Refused(SYNTAX);
    this.#settings.set(name.toLowerCase(), name.toLowerCase() === 'maxmemory' ? bytesIn(value) : value);
    return OK;
  }

  #info(): string {
    const keys = this.#names();
    const expires = keys.filter((key) => this.#entries.get(key)?.expiresAt !== null).length;
    return [
      '# Server',
      'redis_mode:standalone',
      `tcp_port:${this.#settings.get('port')}`,
      '',
      '# Memory',
      `maxmemory:${this.#settings.get('maxmemory')}`,
      `maxmemory_policy:${this.#settings.get('maxmemory-policy')}`,
      '',
      '# Replication',
      'role:master',
      'connected_slaves:0',
      '',
      '# Keyspace',
      ...(keys.length === 0 ? [] : [`db0:keys=${keys.length},expires=${expires},avg_ttl=0`]),
      '',
    ].join('\r\n');
  }

  #set([key = '', value = '', ...options]: string[]): Reply {
    let expiresAt: number | null = null;
    const before = this.#entry(key);
    for (let at = 0; at < options.length; at++) {
      const option = options[at]!.toUpperCase();
      if (option === 'NX' || option === 'XX') {
        if ((before === undefined) !== (option === 'NX')) return null;
      } else if (option === 'KEEPTTL') expiresAt = before?.expiresAt ?? null;
      else if (option === 'EX' || option === 'PX')
        expiresAt = this.#now() + whole(options[++at] ?? '') * (option === 'EX' ? 1000 : 1);
      else throw new Refused(SYNTAX);
    }
    this.#put(key, value);
    this.#entries.get(key)!.expiresAt = expiresAt;
    return OK;
  }

  #swap(key: string, value: string): Reply {
    const before = this.#text(key);
    this.#put(key, value);
    return before;
  }

  #put(key: string, value: Value, keeps = typeof value !== 'string'): void {
    if (typeof value === 'string' && value.length > MOST_LENGTH)
      throw new Refused('ERR string exceeds maximum allowed size');
    const expiresAt = keeps ? (this.#entry(key)?.expiresAt ?? null) : null;
    this.#entries.set(key, { value, expiresAt });
  }

  #entry(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expiresAt === null || entry.expiresAt > this.#now()) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  #names(): string[] {
    return [...this.#entries.keys()].filter((key) => this.#entry(key) !== undefined);
  }

  #text(key: string): string | null {
    const value = this.#entry(key)?.value;
    if (value !== undefined && typeof value !== 'string') throw new Refused(WRONG_TYPE);
    return value ?? null;
  }

  #list(key: string): string[] | undefined {
    const value = this.#entry(key)?.value;
    if (value !== undefined && !Array.isArray(value)) throw new Refused(WRONG_TYPE);
    return value;
  }

  #hash(key: string): Map<string, string> | undefined {
    const value = this.#entry(key)?.value;
    if (value !== undefined && !(value instanceof Map)) throw new Refused(WRONG_TYPE);
    return value;
  }

  #set_(key: string): Set<string> | undefined {
    const value = this.#entry(key)?.value;
    if (value !== undefined && !(value instanceof Set)) throw new Refused(WRONG_TYPE);
    return value;
  }
}

function whole(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new Refused(NO_INTEGER);
  return Number(text);
}

function bytesIn(text: string): string {
  const [, count, unit = ''] = /^(\d+)([kmg]b?)?$/i.exec(text.trim()) ?? [];
  return count === undefined ? text : String(Number(count) * (UNITS[unit.toLowerCase()] ?? 1));
}

function typeOf(value: Value | undefined): string {
  if (value === undefined) return 'none';
  if (typeof value === 'string') return 'string';
  return Array.isArray(value) ? 'list' : value instanceof Map ? 'hash' : 'set';
}

/** `*` and `?` of a pattern of keys. */
function globbed(pattern: string): RegExp {
  // Each star more makes a search that fails longer.
  if (pattern.split('*').length > 9) return /$^/;
  const text = pattern.slice(0, 200).replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${text.replace(/\*+/g, '.*').replaceAll('?', '.')}$`, 's');
}
