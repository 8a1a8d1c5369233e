import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { createKindRegistry } from '../kinds/index.ts';
import { toTable } from '../table/index.ts';
import type { KindDefinition } from '../types.ts';
import { customKinds, plainFields, prepareDefinition, selectPath, validateDefinition } from './index.ts';

const widgetSchema = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 1, maximum: 10 },
        color: { type: 'string', enum: ['red', 'blue'], default: 'red' },
        tags: { type: 'array', maxItems: 2, items: { type: 'string', pattern: '^[a-z]+$' } },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        nested: { type: 'object', default: {}, properties: { deep: { type: 'string', default: 'd' } } },
        port: { 'x-kubernetes-int-or-string': true },
        ports: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: { type: 'object', properties: { name: { type: 'string' } } },
        },
        manifest: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: { type: 'object' } } },
      },
    },
    status: { type: 'object', properties: { phase: { type: 'string' } } },
  },
};

function definition(change: (spec: Json) => void = () => {}): KubeObject {
  const spec = {
    group: 'golden.example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList', shortNames: ['wg'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: structuredClone(widgetSchema) },
        subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } },
        additionalPrinterColumns: [
          { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
          { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
          { name: 'Wide', type: 'string', jsonPath: '.status.phase', priority: 1 },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
        selectableFields: [{ jsonPath: '.spec.color' }],
      },
      { name: 'v0', served: false, storage: false, schema: { openAPIV3Schema: { type: 'object' } } },
    ],
  };
  change(spec);
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.golden.example.com' },
    spec,
  };
}

const [widget] = customKinds(definition()) as [KindDefinition];

function made(spec: Json, rest: Json = {}): KubeObject {
  const object = {
    apiVersion: 'golden.example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w', namespace: 'n' },
    spec,
    ...rest,
  } as KubeObject;
  widget.defaults?.(object);
  return object;
}

const complaints = (object: KubeObject): string[] =>
  (widget.validate?.(object, null) ?? []).map((error) => `${error.field}: ${error.message}`);

describe('a definition becomes kinds', () => {
  test('of its served versions alone', () => {
    expect(customKinds(definition())).toHaveLength(1);
    expect(widget).toMatchObject({
      group: 'golden.example.com',
      version: 'v1',
      resource: 'widgets',
      listKind: 'WidgetList',
      subresources: ['scale', 'status'],
      hasStatus: true,
      scale: { specReplicasPath: '.spec.size' },
    });
  });

  test('with selectable fields and columns by JSONPath', () => {
    const object = made(
      { size: 3 },
      {
        status: {
          conditions: [
            { type: 'Other', status: 'False' },
            { type: 'Ready', status: 'True' },
          ],
        },
      },
    );
    object.status = { conditions: [{ type: 'Ready', status: 'True' }] };
    object.metadata.creationTimestamp = '2020-01-01T00:00:00Z';
    expect(widget.selectableFields?.['spec.color']?.(object)).toBe('red');
    const table = toTable(widget, [object], {}, { includeObject: 'None', now: Date.parse('2020-01-01T00:05:00Z') });
    expect(table.columnDefinitions?.map((column) => column.name)).toEqual(['Name', 'Size', 'Ready', 'Wide', 'Age']);
    expect(table.rows?.[0]?.cells).toEqual(['w', 3, 'True', null, '5m']);
  });

  test('that the registry serves until the definition goes', () => {
    const registry = createKindRegistry();
    registry.setCustom(definition());
    expect(registry.find('golden.example.com', 'v1', 'widgets')?.kind).toBe('Widget');
    registry.removeCustom('widgets.golden.example.com');
    expect(registry.find('golden.example.com', 'v1', 'widgets')).toBeUndefined();
  });
});

describe('objects under a schema', () => {
  test('lose unknown fields, keep open parts, get defaults', () => {
    const object = made({ size: 3, junk: 1, free: { any: { thing: 1 } } }, { bogus: 1 });
    expect(object).not.toHaveProperty('bogus');
    expect(object.spec).toEqual({ size: 3, color: 'red', free: { any: { thing: 1 } }, nested: { deep: 'd' } });
  });

  test('null counts as absent where a default stands and null is not allowed', () => {
    expect(made({ size: 1, color: null }).spec.color).toBe('red');
  });

  test('embedded resources keep their type and metadata', () => {
    const manifest = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: {}, junk: 1 };
    expect(made({ size: 1, manifest }).spec.manifest).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: {},
    });
    expect(complaints(made({ size: 1, manifest: {} }))).toContain(
      'spec.manifest.kind: Required value: must not be empty',
    );
  });

  test.each<[Json, string[]]>([
    [{ size: 3, port: 'http' }, []],
    [{ size: 3, port: 80 }, []],
    [{ size: 11 }, ['spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10']],
    [{}, ['spec.size: Required value']],
    [{ size: 'big' }, ['spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"']],
    [{ size: 1, color: 'green' }, ['spec.color: Unsupported value: "green": supported values: "red", "blue"']],
    [{ size: 1, tags: ['A'] }, ['spec.tags[0]: Invalid value: "A": spec.tags[0] in body should match \'^[a-z]+$\'']],
    [{ size: 1, tags: ['a', 'b', 'c'] }, ['spec.tags: Too many: 3: must have at most 2 items']],
    [{ size: 1, ports: [{ name: 'a' }, { name: 'a' }] }, ['spec.ports[1]: Duplicate value: {"name":"a"}']],
  ])('%j: %j', (spec, expected) => {
    expect(complaints(made(spec))).toEqual(expected);
  });
});

describe('definitions that are refused', () => {
  const faults = (change: (spec: Json) => void): string[] => {
    const object = definition(change);
    prepareDefinition(object, null);
    return validateDefinition(object, null).map((error) => `${error.field}: ${error.message}`);
  };

  test('a good one is not', () => {
    expect(faults(() => {})).toEqual([]);
  });

  test.each<[string, (spec: Json) => void, string]>([
    [
      'no storage version',
      (spec) => (spec.versions[0].storage = false),
      'must have exactly one version marked as storage version',
    ],
    ['another group than its name', (spec) => (spec.group = 'other.example.com'), 'metadata.name: Invalid value'],
    ['an unknown scope', (spec) => (spec.scope = 'Planetary'), 'spec.scope: Unsupported value: "Planetary"'],
    [
      'a field without type',
      (spec) => (spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.size = {}),
      'properties[size].type: Required value: must not be empty for specified object fields',
    ],
    [
      'a column with a broken path',
      (spec) => (spec.versions[0].additionalPrinterColumns[0].jsonPath = '.a[?('),
      'is an invalid JSON path',
    ],
    ['a protected group', (spec) => (spec.group = 'x.k8s.io'), 'protected groups must have approval annotation'],
  ])('%s', (_name, change, text) => {
    expect(faults(change).join('\n')).toContain(text);
  });
});

describe('JSONPath', () => {
  const root = {
    a: {
      'b.c': [
        { t: 'x', v: 1 },
        { t: 'y', v: 2 },
      ],
    },
    list: ['p', 'q'],
  };
  test.each<[string, unknown[]]>([
    ['.a.b\\.c[?(@.t=="y")].v', [2]],
    ["{.a['b.c'][0].t}", ['x']],
    ['.list[*]', ['p', 'q']],
    ['.list[-1]', ['q']],
    ['.missing.deep', []],
    ['.constructor', []],
    ['.a[?(', []],
  ])('%s', (path, expected) => {
    expect(selectPath(path, root)).toEqual(expected);
  });

  test('paths of fields alone are told from others', () => {
    expect(plainFields('.spec.replicas')).toEqual(['spec', 'replicas']);
    expect(plainFields('.spec.list[0]')).toBeNull();
  });
});
