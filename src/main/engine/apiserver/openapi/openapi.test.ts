import { describe, expect, test } from 'vitest';
import type { Json } from '#shared/kubernetes/types.ts';
import { createKindRegistry } from '../kinds/index.ts';
import { readFields } from '../protobuf/wire.ts';
import { message, siblings } from './fields.ts';
import { openApiV2, openApiV3, patchStrategyOf, unknownFields } from './index.ts';
import { duplicateFields, fieldText } from './schema.ts';

const registry = createKindRegistry();
const deployment = registry.find('apps', 'v1', 'deployments');
if (deployment === undefined) throw new Error('no deployments');

function v3(path: string): Json {
  return JSON.parse(String(openApiV3(registry, path)?.data));
}

describe('the table of types', () => {
  test('every kind has its type and every type refers to types that exist', () => {
    for (const space of ['meta', 'core', 'apps', 'batch', 'autoscalingv2', 'networking', 'rbac', 'apiextensions'])
      for (const id of siblings(space))
        for (const field of message(id)?.fields ?? []) {
          let type = field.type;
          while (type.kind === 'list' || type.kind === 'map') type = type.of;
          if (type.kind === 'message') expect(message(type.id), `${id}.${field.name}`).toBeDefined();
        }
  });

  test('embedded types are spread out', () => {
    expect(message('core.Volume')?.byName.has('emptyDir')).toBe(true);
    expect(message('core.Probe')?.byName.has('httpGet')).toBe(true);
  });
});

describe('version 3', () => {
  test('the index names one document per group version, with an address that changes with it', () => {
    const { paths } = v3('/openapi/v3');
    expect(paths['apis/apps/v1'].serverRelativeURL).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{64}$/);
    expect(Object.keys(paths)).toContain('api/v1');
  });

  test('apply finds field validation on PATCH of the kind', () => {
    const operation = v3('apis/apps/v1').paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'].patch;
    expect(operation['x-kubernetes-group-version-kind']).toEqual({ group: 'apps', version: 'v1', kind: 'Deployment' });
    expect(operation.parameters.map((each: Json) => each.name)).toContain('fieldValidation');
  });

  test('schemas say what is required and how lists are merged', () => {
    const { schemas } = v3('apis/apps/v1').components;
    expect(schemas['io.k8s.api.apps.v1.DeploymentSpec'].required).toEqual(['selector', 'template']);
    expect(schemas['io.k8s.api.core.v1.PodSpec'].properties.containers).toMatchObject({
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'name',
    });
  });

  test('every reference of a document leads somewhere in it', () => {
    const text = String(openApiV3(registry, 'api/v1')?.data);
    const { schemas } = JSON.parse(text).components;
    for (const [, name] of text.matchAll(/#\/components\/schemas\/([^"]+)"/g))
      expect(schemas).toHaveProperty([name ?? '']);
  });

  test('an unknown group version is not served', () => {
    expect(openApiV3(registry, 'apis/nope/v1')).toBeNull();
  });

  test('custom resources appear with their schema and go with their definition', () => {
    const own = createKindRegistry();
    const schema = {
      type: 'object',
      properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
    };
    own.setCustom({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', kind: 'Widget' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    });
    const document = JSON.parse(String(openApiV3(own, 'apis/example.com/v1')?.data));
    expect(document.components.schemas['com.example.v1.Widget'].properties.spec.properties).toHaveProperty('size');
    const { apiVersion, metadata } = document.components.schemas['com.example.v1.Widget'].properties;
    expect(apiVersion.description).toContain('APIVersion defines the versioned schema');
    expect(metadata.description).toContain("Standard object's metadata.");
    const before = openApiV2(own).etag;
    own.removeCustom('widgets.example.com');
    expect(openApiV3(own, 'apis/example.com/v1')).toBeNull();
    expect(openApiV2(own).etag).not.toBe(before);
  });
});

describe('version 2', () => {
  test('every reference leads to a definition', () => {
    const text = String(openApiV2(registry).data);
    const { definitions } = JSON.parse(text);
    for (const [, name] of text.matchAll(/#\/definitions\/([^"]+)"/g)) expect(definitions).toHaveProperty([name ?? '']);
  });

  test('the protobuf form has the same paths and definitions, under a media type that can be parsed', () => {
    const answer = openApiV2(registry, 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf');
    expect(answer.contentType).not.toContain('@');
    const document = JSON.parse(String(openApiV2(registry).data));
    const counts = new Map<number, number>();
    for (const field of readFields(answer.data as Uint8Array)) {
      const entries = [8, 9, 10].includes(field.number) ? [...readFields(field.bytes)].length : 0;
      counts.set(field.number, entries);
    }
    expect(counts.get(8)).toBe(Object.keys(document.paths).length);
    expect(counts.get(9)).toBe(Object.keys(document.definitions).length);
    expect(counts.get(10)).toBe(Object.keys(document.parameters).length);
  });
});

describe('questions about fields', () => {
  test.each<[string[], object]>([
    [['spec', 'template', 'spec', 'containers'], { mergeKey: 'name', strategies: ['merge'] }],
    [['spec', 'template', 'spec', 'containers', 'ports'], { mergeKey: 'containerPort', strategies: ['merge'] }],
    [['spec', 'template', 'spec', 'volumes'], { mergeKey: 'name', strategies: ['merge', 'retainKeys'] }],
    [['spec', 'strategy'], { strategies: ['retainKeys'] }],
    [['spec', 'template', 'spec', 'tolerations'], { strategies: [] }],
    [
      ['spec', 'nothing'],
      { strategies: [], unknown: 'unable to find api field in struct DeploymentSpec for the json field "nothing"' },
    ],
  ])('patch strategy at %j', (path, expected) => {
    expect(patchStrategyOf(deployment, path)).toEqual(expected);
  });

  test('unknown fields are found at any depth', () => {
    const object = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      bogus: 1,
      spec: { replicsa: 1, template: { spec: { containers: [{ name: 'c', imagee: 'x' }] } } },
    };
    expect(unknownFields(deployment, object).map(fieldText)).toEqual([
      'unknown field "bogus"',
      'unknown field "spec.replicsa"',
      'unknown field "spec.template.spec.containers[0].imagee"',
    ]);
  });

  test('duplicate keys are found in the text', () => {
    const text = '{"a":{"b":1,"b":"}"},"list":[{"x":1},{"x":1,"x":"\\"x"}],"a":2}';
    expect(duplicateFields(text).map((each) => each.path)).toEqual(['a.b', 'list[1].x', 'a']);
    expect(duplicateFields('{"a":{"a":1},"b":[1,2]}')).toEqual([]);
  });

  test('what is unknown is told where it stands, once and without what is in it', () => {
    const text = '{"a":{"zz":1,"b":2,"b":3},"unk":{"x":1,"x":2},"a":{"zz":1},"unk":2}';
    expect(duplicateFields(text, new Set(['unk', 'a.zz'])).map(fieldText)).toEqual([
      'unknown field "a.zz"',
      'duplicate field "a.b"',
      'unknown field "unk"',
      'duplicate field "a"',
    ]);
    expect(duplicateFields('{"a":')).toEqual([]);
    // Backslashes at the end of a string, an empty one, one that never ends.
    expect(duplicateFields('{"a":"\\\\","b":"","a":"\\\\\\""}').map((each) => each.path)).toEqual(['a']);
    expect(duplicateFields('{"a":"b')).toEqual([]);
  });
});
