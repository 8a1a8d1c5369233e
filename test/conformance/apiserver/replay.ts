/** Runs a script against a server and gives what it answered, unnormalised. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Connection } from './connection.ts';
import type { Condition, Json, RecordedStep, Script, Step, StreamOptions, Transcript } from './types.ts';

type Variables = Record<string, Json>;

/** Rejects when the server cannot be reached or breaks off an answer. */
export async function replay(script: Script, connection: Connection): Promise<Transcript> {
  const variables: Variables = {};
  const steps: RecordedStep[] = [];
  const running = new Map<string, Promise<void>>();
  for (const step of script.steps) {
    if (step.await !== undefined) {
      await running.get(step.await);
      continue;
    }
    const record: RecordedStep = { id: step.id, ...(step.setup ? { setup: true } : {}) };
    steps.push(record);
    if (step.stream === undefined) await askOnce(step, connection, variables, record);
    else {
      const { opened, ended } = openStream(step, step.stream, connection, variables, record);
      await opened;
      if (step.background) running.set(step.id, ended);
      else await ended;
    }
  }
  await Promise.all(running.values());
  return { name: script.name, steps };
}

async function askOnce(step: Step, connection: Connection, variables: Variables, record: RecordedStep): Promise<void> {
  const condition = step.repeatUntil;
  const end = Date.now() + (condition?.timeoutMs ?? 20_000);
  for (;;) {
    Object.assign(record, await (await connection.send(requestOf(step, variables))).whole());
    if (condition === undefined || holds(condition, record)) break;
    if (Date.now() > end) {
      record.neverHeld = true;
      break;
    }
    await wait(20);
  }
  for (const [name, path] of Object.entries(step.capture ?? {})) {
    const value = at(record.body, path);
    if (value !== undefined) variables[name] = value;
  }
  keepWhatIsAsked(step, record);
}

function keepWhatIsAsked(step: Step, record: RecordedStep): void {
  if (step.pick !== undefined) {
    const picked = step.pick.map((path) => [Array.isArray(path) ? path.join('/') : path, at(record.body, path)]);
    record.body = Object.fromEntries(picked);
  }
  if (step.pickKeys !== undefined) {
    const value = at(record.body, step.pickKeys);
    record.body = { keys: value === undefined || value === null ? value : Object.keys(value).sort() };
  }
  if (step.dropBody) delete record.body;
  if (step.dropHeaders) delete record.headers;
}

function openStream(
  step: Step,
  options: StreamOptions,
  connection: Connection,
  variables: Variables,
  record: RecordedStep,
): { opened: Promise<unknown>; ended: Promise<void> } {
  const sent = connection.send(requestOf(step, variables));
  const ended = sent.then(async (answer) => {
    if (answer.status !== 200) {
      Object.assign(record, await answer.whole());
      return;
    }
    Object.assign(record, { status: answer.status, headers: answer.headers, events: [] });
    record.end = await answer.lines(options.timeoutMs ?? 10_000, (line) => {
      keepEvent(record.events!, JSON.parse(line) as Json, options);
      return options.untilEvents !== undefined && record.events!.length >= options.untilEvents;
    });
  });
  return { opened: sent, ended };
}

function keepEvent(events: Json[], event: Json, options: StreamOptions): void {
  const isBookmark = (of: Json | undefined) => at(of, 'type') === 'BOOKMARK';
  if (options.skipBookmarks && isBookmark(event)) return;
  if (options.collapseBookmarks && isBookmark(event) && isBookmark(events.at(-1))) events.pop();
  events.push(event);
}

function requestOf(step: Step, variables: Variables) {
  const headers: Record<string, string | null> = { 'User-Agent': 'golden-replay/1.0' };
  const has = (name: string) => Object.keys(headers).some((key) => key.toLowerCase() === name);
  Object.assign(headers, fill((step.headers ?? {}) as Json, variables));
  let body: string | Buffer | undefined;
  if (step.bodyBase64 !== undefined) body = Buffer.from(step.bodyBase64, 'base64');
  else if (step.body !== undefined) {
    const filled = fill(step.body, variables);
    body = typeof filled === 'string' ? filled : JSON.stringify(filled);
  }
  if (body !== undefined && !has('content-type')) headers['Content-Type'] = 'application/json';
  if (!has('accept')) headers.Accept = 'application/json';
  return {
    method: step.method,
    path: fill(step.path, variables) as string,
    headers: Object.fromEntries(
      Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null),
    ),
    body,
    auth: fill(step.auth as Json, variables) as Step['auth'],
  };
}

/** Puts variables into every string; a string that is nothing but a variable becomes its value, of whatever type. */
function fill(value: Json, variables: Variables): Json {
  if (typeof value === 'string') {
    const whole = /^\$\{(\w+)\}$/.exec(value)?.[1];
    if (whole !== undefined && whole in variables) return variables[whole]!;
    return value.replace(/\$\{(\w+)\}/g, (_, name: string) =>
      name in variables ? String(variables[name]) : `UNSET-${name}`,
    );
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, variables));
  if (value === null || typeof value !== 'object') return value;
  if (value.$from !== undefined)
    return mergePatch(
      structuredClone(variables[String(value.$from)] ?? {}),
      fill((value.$merge ?? {}) as Json, variables),
    );
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [fill(key, variables), fill(inner as Json, variables)]),
  );
}

/** RFC 7386. */
function mergePatch(target: Json, patch: Json): Json {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch;
  const result = target === null || typeof target !== 'object' || Array.isArray(target) ? {} : { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = mergePatch((result[key] ?? null) as Json, value as Json);
  }
  return result;
}

function at(value: Json | undefined, path: string | string[]): Json | undefined {
  const keys = Array.isArray(path) ? path : path.split('.').filter((key) => key !== '');
  return keys.reduce<Json | undefined>(
    (inner, key) =>
      inner === null || typeof inner !== 'object' ? undefined : (inner as Record<string, Json | undefined>)[key],
    value,
  );
}

function holds(condition: Condition, record: RecordedStep): boolean {
  if (condition.status !== undefined && record.status !== condition.status) return false;
  if (condition.path === undefined) return true;
  const value = at(record.body, condition.path);
  if (condition.equals !== undefined && JSON.stringify(value) !== JSON.stringify(condition.equals)) return false;
  if (condition.exists !== undefined && condition.exists !== (value !== undefined)) return false;
  return condition.length === undefined || (Array.isArray(value) ? value.length : 0) === condition.length;
}
