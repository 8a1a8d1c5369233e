import { expect, test } from 'vitest';
import { evidenceText, fieldText, said } from './inspection-evidence.ts';

test('a cluster says it in its own words, in every language', () => {
  expect(evidenceText('zh', 'hostIPC: true')).toBe('hostIPC: true');
});

test('a sentence of ours is in the language asked for, and sentences within it too', () => {
  const grant = said('grants', { verbs: 'delete', resources: 'secrets' });
  const evidence = said('boundToNobody', { grant });
  expect(evidenceText('en', evidence)).toBe('delete on secrets; bound to nobody');
  expect(evidenceText('zh', evidence)).toBe('对 secrets 的 delete；未绑定任何主体');
});

test.each(['{{what}}', '$t(inspection.title)', '</td>'])('the value %j is text and nothing else', (what) => {
  expect(evidenceText('en', said('notSet', { what }))).toBe(`${what} is not set`);
});

test('of a sentence that is no longer known, the values are shown', () => {
  expect(evidenceText('zh', { says: 'goneSince', values: { a: 'web', b: 3 } })).toBe('web, 3');
});

test.each([
  ['event BackOff', '事件 BackOff'],
  ['API server certificate', 'API Server 证书'],
  ['spec.replicas', 'spec.replicas'],
])('the place %j is %j in Chinese', (field, text) => {
  expect(fieldText('zh', field)).toBe(text);
});
