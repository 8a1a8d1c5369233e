/** The embedded API server answers every recorded request as kube-apiserver 1.36 did. */
import { expect, test } from 'vitest';
import { startApiServer } from '#engine/apiserver/index.ts';
import { adminOf } from '#engine/apiserver/test-support.ts';
import { readCases } from '../recorded.ts';
import { differences } from './compare.ts';
import { Connection } from './connection.ts';
import { replay } from './replay.ts';
import type { Script, Transcript } from './types.ts';

const scripts = readCases<Script>(new URL('scripts.jsonl.gz', import.meta.url));
const transcripts = new Map(
  readCases<Transcript>(new URL('transcripts.jsonl.gz', import.meta.url)).map((transcript) => [
    transcript.name,
    transcript,
  ]),
);

test('there is a transcript of every script, and a step of it for every request', () => {
  expect(scripts.map(({ name }) => name)).toEqual([...transcripts.keys()]);
  for (const { name, steps } of scripts) {
    const requests = steps.filter((step) => step.await === undefined).map(({ id }) => id);
    expect(transcripts.get(name)?.steps.map(({ id }) => id)).toEqual(requests);
  }
});

const cases = scripts.map((script) => [script.name, script.about, script] as const);
// Side by side: most of the time of a script is waiting.
test.concurrent.each(cases)('%s: %s', async (name, _, script) => {
  const server = await startApiServer({ dir: null, name: 'recorded' });
  const connection = new Connection(server.server, adminOf(server));
  try {
    const answers = await replay(script, connection);
    expect(differences(transcripts.get(name)!, answers)).toEqual([]);
  } finally {
    connection.close();
    await server.close();
  }
});
