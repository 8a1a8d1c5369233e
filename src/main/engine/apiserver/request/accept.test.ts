import { expect, test } from 'vitest';
import { discoveryFormat, parseAccept } from './accept.ts';

const meta = (as: string, version = ';v=v1') => `application/json;as=${as}${version};g=meta.k8s.io`;
const refusal = (ask: () => unknown): string => {
  try {
    ask();
  } catch (error) {
    return (error as Error).message;
  }
  return 'served';
};
const TRANSFORM = /^only the following media types are accepted: /;
const ROUTED = /^406: Not Acceptable\n\nAvailable representations: application\/json, /;

test('the first entry that can be served wins, whatever stands before it', () => {
  expect(parseAccept(`application/xml,${meta('Table')},application/json`)).toMatchObject({ view: 'table' });
  expect(parseAccept(`${meta('Table', ';v=v2')},application/yaml`)).toMatchObject({ view: 'object', format: 'yaml' });
  expect(parseAccept(meta('PartialObjectMetadataList'))).toMatchObject({ view: 'metadata', list: true });
});

test('a transformation without its version is none', () => {
  expect(refusal(() => parseAccept(meta('Table', '')))).toMatch(TRANSFORM);
});

test('media types are known by their whole name, letter by letter; custom resources may be asked for by half of it', () => {
  for (const header of ['APPLICATION/JSON', 'application/*', 'text/html'])
    expect(refusal(() => parseAccept(header))).toMatch(ROUTED);
  expect(parseAccept('application/*', true)).toMatchObject({ view: 'object', format: 'json' });
  expect(refusal(() => parseAccept('text/html', true))).toMatch(TRANSFORM);
});

test('discovery is sent as JSON or YAML, as what is asked for first', () => {
  expect(discoveryFormat(undefined, '/apis')).toBe('json');
  expect(discoveryFormat('application/yaml,application/json', '/apis/apps')).toBe('yaml');
  expect(discoveryFormat('application/vnd.kubernetes.protobuf', '/api/v1')).toBe('json');
});

test('only the roots of discovery are aggregated, and nothing of it is a table', () => {
  const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  expect(discoveryFormat(aggregated, '/apis')).toBe('json');
  expect(refusal(() => discoveryFormat(aggregated, '/apis/apps'))).toMatch(TRANSFORM);
  expect(refusal(() => discoveryFormat(meta('Table'), '/apis'))).toMatch(TRANSFORM);
  expect(refusal(() => discoveryFormat('text/html', '/apis'))).toMatch(TRANSFORM);
  expect(refusal(() => discoveryFormat('text/html', '/apis/apps'))).toMatch(ROUTED);
});
