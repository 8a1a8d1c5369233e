import { expect, test } from 'vitest';
import { nodeObject } from './node-object.ts';
import { secondsOn, stepFor, TTL_ANNOTATION } from './node-ttl.ts';
import { createProfile, type NodeProfile } from './profile.ts';

test.each([
  [1, 0, 0],
  [100, 0, 0],
  [101, 0, 15],
  [1000, 0, 30],
  [1001, 0, 60],
  // Once larger, a cluster has to become markedly smaller before anything changes.
  [95, 1, 15],
  [89, 1, 0],
  [450, 2, 30],
  [449, 2, 15],
  [3, 4, 0],
])('%d nodes, coming from step %d: %d s', (nodes, before, seconds) => {
  expect(secondsOn(stepFor(nodes, before))).toBe(seconds);
});

test('nodes of a large cluster come with what suits its size, so that nobody has to change them', () => {
  const profile = createProfile({ index: 0, seed: 1, nodes: 501 });
  const [node] = profile.nodes;
  expect(nodeObject(profile, node as NodeProfile).metadata.annotations).toMatchObject({ [TTL_ANNOTATION]: '30' });
});
