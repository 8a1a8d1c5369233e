import { expect, test } from 'vitest';
import { parseObjects } from './yaml-text.ts';

const object = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;
const names = (text: string) => {
  const parsed = parseObjects(text);
  return 'objects' in parsed ? parsed.objects.map(({ metadata }) => metadata.name) : parsed.problem;
};

test.each([
  ['one document', object('a'), ['a']],
  ['several, empty ones between', `# nothing\n---\n${object('a')}---\n---\n${object('b')}`, ['a', 'b']],
  ['JSON', '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}', ['a']],
  [
    'the items of a List',
    `apiVersion: v1\nkind: List\nitems:\n- ${object('a').trim().replaceAll('\n', '\n  ')}\n`,
    ['a'],
  ],
  ['nothing', '   \n# only a remark\n', 'incomplete'],
  ['a document without a kind', `${object('a')}---\nfoo: bar\n`, 'incomplete'],
  ['what is not YAML', `${object('a')}---\n a: [\n`, 'yaml'],
])('%s', (_what, text, found) => {
  expect(names(text)).toEqual(found);
});
