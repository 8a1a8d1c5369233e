import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { createKindRegistry } from '../kinds/index.ts';
import { toTable } from '../table/index.ts';
import type { KindDefinition } from '../types.ts';
import {
  customKinds,
  defaultDefinition,
  plainFields,
  prepareDefinition,
  selectPath,
  validateDefinition,
  validateSchema,
} from './index.ts';

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
          items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
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
      subresources: ['status', 'scale'],
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
    expect(complaints(made({ size: 1, manifest: {} }))).toContain('spec.manifest.kind: Required value');
  });

  test.each<[Json, string[]]>([
    [{ size: 3, port: 'http' }, []],
    [{ size: 3, port: 80 }, []],
    [{ size: 11 }, ['spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10']],
    [{}, ['spec.size: Required value']],
    [
      { size: 'big' },
      [
        'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
        '.spec.size: Invalid value: 0: .spec.size accessor error: big is of the type string, expected int64',
      ],
    ],
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
    defaultDefinition(object);
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
      (spec) => (spec.versions[0].additionalPrinterColumns[0].jsonPath = 'a.b'),
      'must be a simple json path starting with .',
    ],
    ['a protected group', (spec) => (spec.group = 'x.k8s.io'), 'protected groups must have approval annotation'],
    [
      'the same version twice',
      (spec) => spec.versions.push({ ...spec.versions[0], storage: false }),
      'must contain unique version names',
    ],
    [
      'a field that is selected but not there',
      (spec) => (spec.versions[0].selectableFields = [{ jsonPath: '.spec.none' }]),
      'is an invalid path: does not refer to a valid field',
    ],
    [
      'a selected object',
      (spec) => (spec.versions[0].selectableFields = [{ jsonPath: '.spec.nested' }]),
      'must point to a field of type string, boolean or integer',
    ],
    [
      'a webhook that is not described',
      (spec) => (spec.conversion = { strategy: 'Webhook' }),
      'spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook',
    ],
    [
      'a replicas path elsewhere',
      (spec) => (spec.versions[0].subresources.scale.specReplicasPath = '.data.x'),
      'should be a json path under .spec',
    ],
  ])('%s', (_name, change, text) => {
    expect(faults(change).join('\n')).toContain(text);
  });

  const specOf = (spec: Json): Json => spec.versions[0].schema.openAPIV3Schema.properties.spec;
  test.each<[string, (spec: Json) => void, string]>([
    [
      'properties beside additionalProperties',
      (spec) => (specOf(spec).additionalProperties = { type: 'string' }),
      'additionalProperties and properties are mutual exclusive',
    ],
    [
      'unique items',
      (spec) => (specOf(spec).properties.tags.uniqueItems = true),
      'tags].uniqueItems: Forbidden: uniqueItems cannot be set to true',
    ],
    [
      'a map list without keys',
      (spec) => delete specOf(spec).properties.ports['x-kubernetes-list-map-keys'],
      'must not be empty if x-kubernetes-list-type is map',
    ],
    [
      'a key that is no property',
      (spec) => (specOf(spec).properties.ports['x-kubernetes-list-map-keys'] = ['id']),
      'entries must all be names of item properties',
    ],
    [
      'a list type of something else',
      (spec) => (specOf(spec).properties.color['x-kubernetes-list-type'] = 'set'),
      'must be array if x-kubernetes-list-type is specified',
    ],
    [
      'a type inside anyOf',
      (spec) => (specOf(spec).properties.color.anyOf = [{ type: 'string' }]),
      'anyOf[0].type: Forbidden: must be empty to be structural',
    ],
    [
      'a property that is judged but not declared',
      (spec) => (specOf(spec).oneOf = [{ required: ['x'], properties: { x: {} } }]),
      'properties[x]: Required value: because it is defined in ',
    ],
    [
      'a default that its own schema refuses',
      (spec) => (specOf(spec).properties.color.default = 'green'),
      'color].default: Unsupported value: "green"',
    ],
    [
      'a default with an unknown field',
      (spec) => (specOf(spec).properties.nested.default = { more: 1 }),
      'must not have unknown fields',
    ],
    [
      'a pattern that is none',
      (spec) => (specOf(spec).properties.color.pattern = '('),
      'must be a valid regular expression',
    ],
    [
      'more about metadata than the name',
      (spec) =>
        (spec.versions[0].schema.openAPIV3Schema.properties.metadata = {
          type: 'object',
          properties: { labels: { type: 'object' } },
        }),
      'must not specify anything other than name and generateName',
    ],
    [
      'a rule that does not compile',
      (spec) => (specOf(spec)['x-kubernetes-validations'] = [{ rule: 'self.none > 1' }]),
      'x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.none \\u003e 1","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:5: undefined field \'none\'',
    ],
    [
      'a rule that is no question',
      (spec) => (specOf(spec)['x-kubernetes-validations'] = [{ rule: 'self.size' }]),
      'cel expression must evaluate to a bool',
    ],
    [
      'a message that is no text',
      (spec) => (specOf(spec)['x-kubernetes-validations'] = [{ rule: 'true', messageExpression: '1' }]),
      'messageExpression must evaluate to a string',
    ],
    [
      'an old value of an item without keys',
      (spec) => (specOf(spec).properties.tags.items['x-kubernetes-validations'] = [{ rule: 'self == oldSelf' }]),
      'oldSelf cannot be used on the uncorrelatable portion of the schema within ',
    ],
    [
      'an unknown reason',
      (spec) => (specOf(spec)['x-kubernetes-validations'] = [{ rule: 'true', reason: 'Because' }]),
      'reason: Unsupported value: "Because"',
    ],
    [
      'a field path that leads nowhere',
      (spec) => (specOf(spec)['x-kubernetes-validations'] = [{ rule: 'true', fieldPath: '.none' }]),
      'fieldPath: Invalid value: ".none": must be a valid path',
    ],
  ])('schema with %s', (_name, change, text) => {
    expect(faults(change).join('\n')).toContain(text);
  });
});

describe('rules of a schema', () => {
  const ruled = (rules: Json[], more: Json = {}): KindDefinition => {
    const changed = definition((spec) => {
      const at = spec.versions[0].schema.openAPIV3Schema.properties.spec;
      at['x-kubernetes-validations'] = rules;
      Object.assign(at.properties, more);
    });
    return customKinds(changed)[0]!;
  };
  const object = (spec: Json): KubeObject => ({
    apiVersion: 'golden.example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w', namespace: 'n' },
    spec,
  });
  const answers = (kind: KindDefinition, next: Json, old: Json = null) =>
    (kind.validate?.(object(next), old === null ? null : object(old)) ?? []).map(
      (error) => `${error.type} ${error.field}: ${error.message}`,
    );

  test('are asked of every object, with the message that was given, made or the rule itself', () => {
    const kind = ruled([
      { rule: 'self.size < 9', message: ' too big ' },
      { rule: 'self.size < 8', messageExpression: '"size is " + string(self.size)' },
      { rule: 'self.size < 7', messageExpression: '"line\\nbreak"' },
      { rule: 'self.size < 6', reason: 'FieldValueForbidden', fieldPath: '.size', message: 'never' },
    ]);
    expect(answers(kind, { size: 9 })).toEqual([
      'FieldValueInvalid spec: Invalid value: too big',
      'FieldValueInvalid spec: Invalid value: size is 9',
      'FieldValueInvalid spec: Invalid value: failed rule: self.size < 7',
      'FieldValueForbidden spec.size: Forbidden: never',
    ]);
    expect(answers(kind, { size: 5 })).toEqual([]);
  });

  test('about what was before are asked when there was something', () => {
    const kind = ruled([
      { rule: 'self.size >= oldSelf.size', message: 'cannot shrink' },
      { rule: '!oldSelf.hasValue() || oldSelf.value().size != 7', optionalOldSelf: true, message: 'seven stays' },
    ]);
    expect(answers(kind, { size: 3 })).toEqual([]);
    expect(answers(kind, { size: 3 }, { size: 7 })).toEqual([
      'FieldValueInvalid spec: Invalid value: cannot shrink',
      'FieldValueInvalid spec: Invalid value: seven stays',
    ]);
  });

  test('that an unchanged part breaks are a warning, not a refusal', () => {
    const kind = ruled([], {
      color: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == "blue"', message: 'must be blue' }] },
    });
    const next = object({ size: 2, color: 'red' });
    expect(kind.validate?.(next, object({ size: 1, color: 'red' }))).toEqual([]);
    expect(kind.warnings?.(next, null)).toEqual(['spec.color: Invalid value: "red": must be blue']);
    expect(answers(kind, { size: 2, color: 'red' })).toEqual([
      'FieldValueInvalid spec.color: Invalid value: "red": must be blue',
    ]);
  });

  test('that fail while they are evaluated say why', () => {
    const kind = ruled([{ rule: 'self.nested.deep.size() > 0 && self.size / 0 == 1' }]);
    expect(answers(kind, { size: 1, nested: { deep: 'd' } })).toEqual([
      'FieldValueInvalid spec: Invalid value: "object": division by zero evaluating rule: self.nested.deep.size() > 0 && self.size / 0 == 1',
    ]);
  });

  test('that cost too much end the evaluation', () => {
    const kind = ruled([
      { rule: 'lists.range(10000).all(a, lists.range(10000).all(b, a + b >= 0))', message: 'sums' },
      { rule: 'self.size > 5' },
    ]);
    expect(answers(kind, { size: 1 })).toEqual([
      'FieldValueInvalid spec: Invalid value: "object": \'operation cancelled: actual cost limit exceeded\': no further validation rules will be run due to call cost exceeds limit for rule: sums',
    ]);
  });

  test('are not asked while the object has not the right shape', () => {
    const kind = ruled([{ rule: 'false' }]);
    expect(answers(kind, { size: 'big' }).at(-1)).toContain('some validation rules were not checked');
  });
});

test('what was stored before a schema became stricter does not stop other changes', () => {
  const old = {
    apiVersion: 'golden.example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w', namespace: 'n' },
    spec: { size: 1, color: 'green' },
  };
  expect(widget.validate?.({ ...old, spec: { ...old.spec, size: 2 } }, old)).toEqual([]);
  expect(widget.validate?.({ ...old, spec: { ...old.spec, color: 'black' } }, old)).toHaveLength(1);
});

test.each([
  ['date-time', '2024-01-01T00:00:00Z', '2024-01-01'],
  ['date', '2024-02-29', '2023-02-29'],
  ['ipv4', '10.0.0.1', '10.0.0.256'],
  ['ipv6', '::1', '10.0.0.1'],
  ['cidr', '10.0.0.0/8', '10.0.0.0'],
  ['uuid4', '123e4567-e89b-42d3-a456-426614174000', '123e4567-e89b-12d3-a456-426614174000'],
  ['email', 'a@example.com', 'a.example.com'],
  ['hostname', 'a.example.com', 'a_b'],
  ['mac', '00:1b:44:11:3a:b7', '00:1b:44'],
  ['byte', 'aGk=', 'aGk'],
  ['duration', '1 hour', 'an hour'],
  ['uri', 'https://example.com/', 'example'],
  ['hexcolor', '#fff', '#ggg'],
  ['isbn', '978-3-16-148410-0', '978-3-16-148410-1'],
  ['k8s-short-name', 'abc', 'a.b'],
  ['anything-else', 'x', null],
])('format %s', (format, good, bad) => {
  const complaints = (value: string) => validateSchema(value, { type: 'string', format }, 'f');
  expect(complaints(good)).toEqual([]);
  if (bad !== null)
    expect(complaints(bad)[0]?.message).toBe(`Invalid value: "${bad}": f in body must be of type ${format}: "${bad}"`);
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
