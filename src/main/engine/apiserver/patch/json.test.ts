/** JSON patches one by one, held against what the real server's library made of them. */
import { expect, test } from 'vitest';
import { applyOperations } from './json.ts';

const DOCUMENT = { data: { a: '1' }, list: [1, 2, 3], deep: { list: [{ a: 1 }] }, nothing: null };

test.each<[string, unknown, unknown]>([
  ['a list from its end', [{ op: 'add', path: '/list/-1', value: 9 }], { list: [1, 2, 3, 9] }],
  ['the last item of a list', [{ op: 'replace', path: '/list/-1', value: 9 }], { list: [1, 2, 9] }],
  ['a field there is not', [{ op: 'replace', path: '/data/b', value: 'x' }], { data: { a: '1', b: 'x' } }],
  ['a copy of nothing', [{ op: 'copy', from: '/data/z', path: '/data/b' }], { data: { a: '1', b: null } }],
  ['a way through a list', [{ op: 'remove', path: '/deep/list/0/a' }], { deep: { list: [{}] } }],
  ['a test for nothing', [{ op: 'test', path: '/data/z' }], {}],
])('%s', (_name, patch, expected) => {
  expect(applyOperations(DOCUMENT, patch as unknown[])).toEqual({ document: { ...DOCUMENT, ...(expected as object) } });
});

test('a field may be called as prototypes are', () => {
  const patch = [{ op: 'add', path: '/data/__proto__', value: 'x' }];
  const outcome = applyOperations(DOCUMENT, patch) as { document: { data: object } };
  expect(Object.keys(outcome.document.data)).toContain('__proto__');
  expect(Object.getPrototypeOf(outcome.document.data)).toBe(Object.prototype);
});

test.each<[unknown, string]>([
  [null, 'Unexpected kind: unknown'],
  [{ op: 5 }, 'Unexpected kind: unknown'],
  [{ op: 'frob' }, 'Unexpected kind: frob'],
  [{ op: '' }, 'Unexpected kind: '],
  [{ op: 'add' }, 'add operation failed to decode path: missing value'],
  [{ op: 'replace' }, 'replace operation failed to decode path: operation missing path field: missing value'],
  [
    { op: 'test', path: 5 },
    'test operation failed to decode path: json: cannot unmarshal number into Go value of type string',
  ],
  [{ op: 'move', path: '/x' }, 'move operation failed to decode from: operation, missing from field: missing value'],
  [{ op: 'copy', from: '/data' }, 'copy operation failed to decode path: missing value'],
  [{ op: 'add', path: '' }, 'add operation does not apply: doc is missing path: "": missing value'],
  [{ op: 'remove', path: '' }, 'remove operation does not apply: doc is missing path: "": missing value'],
  [{ op: 'replace', path: '', value: 'x' }, 'replace operation value must be object or array: %!w(<nil>)'],
  [
    { op: 'remove', path: '/data/z' },
    "error in remove for path: '/data/z': Unable to remove nonexistent key: z: missing value",
  ],
  [
    { op: 'add', path: '/list/x', value: 1 },
    "error in add for path: '/list/x': value was not a proper array index: 'x': strconv.Atoi: parsing \"x\": invalid syntax",
  ],
  [
    { op: 'add', path: '/list/4', value: 1 },
    "error in add for path: '/list/4': Unable to access invalid index: 4: invalid index referenced",
  ],
  [{ op: 'replace', path: '/list/3' }, 'replace operation does not apply: doc is missing key: /list/3: missing value'],
  [
    { op: 'replace', path: '/nothing/x' },
    'replace operation does not apply: doc is missing path: /nothing/x: missing value',
  ],
  [
    { op: 'move', from: '/data/z', path: '/data/y' },
    "error in move for path: 'z': Unable to remove nonexistent key: z: missing value",
  ],
  [
    { op: 'move', from: '/data/a', path: '/no/way' },
    'move operation does not apply: doc is missing destination path: /no/way: missing value',
  ],
  [
    { op: 'copy', from: '/list/7', path: '/x' },
    "error in copy for from: '/list/7': Unable to access invalid index: 7: invalid index referenced",
  ],
  [{ op: 'test', path: '/a/b/c' }, 'test operation does not apply: is missing path: /a/b/c: missing value'],
  [{ op: 'test', path: '/data/a', value: '2' }, 'testing value /data/a failed: test failed'],
])('%j', (operation, problem) => {
  expect(applyOperations(DOCUMENT, [operation])).toEqual({ problem });
});
