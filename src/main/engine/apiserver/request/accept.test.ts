import { expect, test } from 'vitest';
import {
  discoveryFormat,
  parseAccept,
  refuseUnknownForm,
  refuseUnproduced,
  refuseUnstreamed,
  statusFormat,
} from './accept.ts';
import type { ResourceRoute } from './route.ts';

const meta = (as: string, version = ';v=v1') => `application/json;as=${as}${version};g=meta.k8s.io`;
const refusal = (ask: () => unknown): string => {
  try {
    ask();
  } catch (error) {
    return (error as Error).message;
  }
  return 'served';
};
const routeOf = (verb: ResourceRoute['verb'], subresource = ''): ResourceRoute => ({
  type: 'resource',
  verb,
  group: '',
  version: 'v1',
  resource: 'pods',
  namespace: 'n',
  name: verb === 'list' ? '' : 'p',
  subresource,
  selected: '',
  fieldSelector: '',
  gap: null,
});
const TRANSFORM = /^only the following media types are accepted: /;
const ROUTED = /^406: Not Acceptable\n\nAvailable representations: application\/json, /;

test('the first entry that can be served wins, whatever stands before it', () => {
  expect(parseAccept(`application/xml,${meta('Table')},application/json`)).toMatchObject({ view: 'table' });
  expect(parseAccept(`${meta('Table', ';v=v2')},application/yaml`)).toMatchObject({ view: 'object', format: 'yaml' });
  expect(parseAccept(meta('PartialObjectMetadataList'))).toMatchObject({ view: 'metadata', list: true });
});

test('what is named goes before what is any, the better before the worse', () => {
  expect(parseAccept('*/*,application/yaml')).toMatchObject({ format: 'yaml' });
  expect(parseAccept('application/json;q=0.5,application/yaml')).toMatchObject({ format: 'yaml' });
  expect(parseAccept('application/*;q=1,application/yaml;q=0.1')).toMatchObject({ format: 'yaml' });
  expect(refusal(() => parseAccept(';'))).toMatch(TRANSFORM);
});

test('a transformation without its version is none', () => {
  expect(refusal(() => parseAccept(meta('Table', '')))).toMatch(TRANSFORM);
});

test('media types are known by their whole name, letter by letter; custom resources may be asked for by half of it', () => {
  for (const header of ['APPLICATION/JSON', 'application/*', 'text/html'])
    expect(refusal(() => refuseUnknownForm(header, routeOf('get')))).toMatch(ROUTED);
  expect(parseAccept('application/*')).toMatchObject({ view: 'object', format: 'json' });
  expect(refusal(() => parseAccept('text/html'))).toMatch(TRANSFORM);
});

test('collections are offered as streams as well, logs as text', () => {
  expect(refusal(() => refuseUnknownForm('text/html', routeOf('list')))).toMatch(/protobuf;stream=watch$/);
  expect(refusal(() => refuseUnknownForm('text/html', routeOf('get', 'log')))).toMatch(/: text\/plain, /);
  expect(refusal(() => refuseUnknownForm('text/plain', routeOf('get', 'log')))).toBe('served');
  expect(refusal(() => refuseUnknownForm('text/html', routeOf('create', 'exec')))).toBe('served');
  expect(refusal(() => refuseUnstreamed(parseAccept('application/yaml')))).toMatch(TRANSFORM);
  expect(refusal(() => refuseUnproduced('application/yaml', ['application/json']))).toMatch(/: application\/json$/);
});

test('a refusal is told in the first form that it can have', () => {
  expect(statusFormat('application/yaml')).toBe('yaml');
  expect(statusFormat('application/yaml;as=Table;v=v1;g=meta.k8s.io')).toBe('json');
  expect(statusFormat('text/html,application/yaml')).toBe('yaml');
  expect(statusFormat('*/*')).toBe('json');
});

test('discovery is sent as JSON or YAML, as what is asked for first', () => {
  expect(discoveryFormat(undefined, '/apis', false)).toBe('json');
  expect(discoveryFormat('application/yaml,application/json', '/apis/apps', false)).toBe('yaml');
  expect(discoveryFormat('application/vnd.kubernetes.protobuf', '/api/v1', true)).toBe('json');
});

test('only the roots of discovery are aggregated, and nothing of it is a table', () => {
  const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  expect(discoveryFormat(aggregated, '/apis', false)).toBe('json');
  expect(refusal(() => discoveryFormat(aggregated, '/apis/apps', false))).toMatch(TRANSFORM);
  expect(refusal(() => discoveryFormat(meta('Table'), '/apis', false))).toMatch(TRANSFORM);
  expect(refusal(() => discoveryFormat('text/html', '/apis', false))).toMatch(TRANSFORM);
  expect(refusal(() => discoveryFormat('text/html', '/apis/apps/v1', true))).toMatch(ROUTED);
});
