/** KindDefinitions of the served versions of a custom resource definition. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { compareVersions } from '../discovery/index.ts';
import { subdomainName, validateMeta } from '../kinds/validation/meta.ts';
import { canonicalise } from '../openapi/typed.ts';
import { CREATED_DESCRIPTION, since } from '../table/cells.ts';
import type { FieldError, KindDefinition, TableColumn } from '../types.ts';
import { conversionOf, storageVersionOf } from './conversion.ts';
import { embeddedProblems, readEmbedded } from './embedded.ts';
import { selectPath } from './jsonpath.ts';
import { checkRules, compileRules, type RuleTree } from './rules.ts';
import { scaleErrors } from './scale-fields.ts';
import { applyDefaults, type CustomSchema, prune } from './structural.ts';
import { rulesNotChecked, validateSchema } from './validate.ts';

/** In the order the field lists them for custom resources. */
const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** `since`: the revision that has brought the schemas. */
export function customKinds(crd: KubeObject, since = 0): KindDefinition[] {
  const versions = crd.spec.versions as Json[];
  const made = new Map<string, KindDefinition>();
  const inVersion = (name: string): KindDefinition | undefined => {
    const version = versions.find((each) => each.name === name);
    const known = made.get(name);
    if (known !== undefined || version === undefined) return known;
    const kind = customKind(crd, version, { since, inVersion });
    made.set(name, kind);
    return kind;
  };
  return versions.filter(({ served }) => served).map(({ name }) => inVersion(name)!);
}

function customKind(
  crd: KubeObject,
  version: Json,
  family: Pick<NonNullable<KindDefinition['custom']>, 'since' | 'inVersion'>,
): KindDefinition {
  const { group, names, scope } = crd.spec;
  const namespaced = scope === 'Namespaced';
  const schema: CustomSchema = version.schema?.openAPIV3Schema ?? { 'x-kubernetes-preserve-unknown-fields': true };
  const hasStatus = version.subresources?.status !== undefined;
  const scale = version.subresources?.scale;
  // Compiled when first asked: a server with hundreds of definitions must not wait for rules that nobody breaks.
  let compiled: { tree: RuleTree | null } | null = null;
  const rules = (): RuleTree | null => {
    compiled ??= { tree: compileRules(schema, true) };
    return compiled.tree;
  };
  const ruleWarnings = new WeakMap<KubeObject, string[]>();
  const applyRules = (object: KubeObject, old: KubeObject | null, shape: FieldError[]): FieldError[] => {
    const tree = rules();
    if (tree === null) return [];
    const unchecked = rulesNotChecked(shape);
    if (unchecked.length > 0) return unchecked;
    const { errors, warnings } = checkRules(tree, object, old);
    if (warnings.length > 0) ruleWarnings.set(object, warnings);
    return errors;
  };
  const definition: KindDefinition = {
    group,
    version: version.name,
    resource: names.plural,
    kind: names.kind,
    singular: names.singular || names.kind.toLowerCase(),
    namespaced,
    verbs: VERBS,
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    subresources: [...(hasStatus ? ['status'] : []), ...(scale === undefined ? [] : ['scale'])],
    listKind: names.listKind || `${names.kind}List`,
    generation: 'spec',
    hasStatus,
    defaults: (object, subresource, known = null) => {
      canonicalise(undefined, object);
      // A write of the status has everything else from the stored object.
      const { apiVersion, kind, metadata, status } = object;
      const whole = known === null || subresource !== 'status';
      const part: KubeObject = whole ? object : { apiVersion, kind, metadata, ...(status !== undefined && { status }) };
      readEmbedded(part, schema);
      prune(part, schema);
      applyDefaults(part, schema);
      if (part.status === undefined) delete object.status;
      else object.status = part.status;
    },
    // The metadata alone has a stored form, and defaults add nothing to it.
    addsDefaults: false,
    prepare: (object, old) => {
      if (hasStatus && old === null) delete object.status;
    },
    validate: (object, old, subresource) => {
      const isStatus = subresource === 'status';
      const errors = isStatus
        ? statusErrors(object, old, schema)
        : validateSchema(object, schema, '', old ?? undefined);
      const all = [
        ...validateMeta(object, old, namespaced, subdomainName, 'change', true),
        ...errors,
        ...embeddedProblems(object, schema),
        ...(definition.scale === undefined ? [] : scaleErrors(object, definition.scale, isStatus)),
      ];
      return [...all, ...applyRules(object, old, all)];
    },
    warnings: (object, old) => [...(ruleWarnings.get(object) ?? []), ...finalizerWarnings(object, old)],
    columns: columnsOf(version.additionalPrinterColumns),
    custom: {
      crd,
      structuralSchema: schema,
      preserveUnknown: schema['x-kubernetes-preserve-unknown-fields'] === true,
      storageVersion: storageVersionOf(crd),
      conversion: conversionOf(crd),
      ...family,
    },
  };
  if (version.deprecated === true)
    definition.deprecation = version.deprecationWarning ?? deprecationOf(crd, version.name);
  if (scale !== undefined)
    definition.scale = {
      specReplicasPath: scale.specReplicasPath,
      statusReplicasPath: scale.statusReplicasPath,
      ...(scale.labelSelectorPath ? { labelSelectorPath: scale.labelSelectorPath } : {}),
    };
  const selectable: { jsonPath: string }[] = version.selectableFields ?? [];
  if (selectable.length > 0)
    definition.selectableFields = Object.fromEntries(
      selectable.map(({ jsonPath }) => [
        jsonPath.replace(/^\./, ''),
        (object) => textOf(selectPath(jsonPath, object)[0]),
      ]),
    );
  return definition;
}

/** Of a write of the status nothing but the status is judged by the schema. */
function statusErrors(object: KubeObject, old: KubeObject | null, schema: CustomSchema): FieldError[] {
  const ofStatus = schema.properties?.status;
  if (ofStatus === undefined || object.status === undefined) return [];
  // It is the whole of what is judged, and has no name in the texts.
  return validateSchema(object.status, ofStatus, '', old?.status).map((error) => ({
    ...error,
    field: error.field === '' || error.field === '<nil>' ? 'status' : `status.${error.field}`,
  }));
}

const OWN_FINALIZERS = ['orphan', 'foregroundDeletion'];

/** New finalizers without a domain. */
function finalizerWarnings({ metadata }: KubeObject, old: KubeObject | null): string[] {
  const known = old?.metadata.finalizers ?? [];
  return (metadata.finalizers ?? [])
    .filter((name) => !name.includes('/') && !OWN_FINALIZERS.includes(name) && !known.includes(name))
    .map(
      (name) =>
        `metadata.finalizers: ${JSON.stringify(name)}: prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers`,
    );
}

/** Names the newest version that is not deprecated itself, when there is a newer one. */
function deprecationOf(crd: KubeObject, version: string): string {
  const { group, names, versions } = crd.spec;
  const [newest] = (versions as Json[])
    .filter((each) => each.served && !each.deprecated)
    .map((each): string => each.name)
    .sort(compareVersions);
  const text = `${group}/${version} ${names.kind} is deprecated`;
  if (newest === undefined || compareVersions(newest, version) > 0) return text;
  return `${text}; use ${group}/${newest} ${names.kind}`;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const ageColumn: TableColumn = {
  name: 'Age',
  type: 'date',
  description: CREATED_DESCRIPTION,
  cell: (object, now) => since(object.metadata.creationTimestamp, now),
};

function columnsOf(columns: Json[] | undefined): TableColumn[] {
  if (columns === undefined || columns.length === 0) return [ageColumn];
  return columns.map((column) => ({
    name: column.name,
    type: column.type,
    ...(column.format ? { format: column.format } : {}),
    ...(column.priority ? { priority: column.priority } : {}),
    description: column.description || `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
    cell: (object, now) => cellOf(column.type, selectPath(column.jsonPath, object), now),
  }));
}

/** A column shows what its type can show; anything else, and nothing selected, is an empty cell. */
function cellOf(type: TableColumn['type'], values: unknown[], now: number): string | number | boolean | null {
  const [first] = values;
  if (first === undefined || first === null) return null;
  switch (type) {
    case 'integer':
      return typeof first === 'number' ? Math.trunc(first) : null;
    case 'number':
      return typeof first === 'number' ? first : null;
    case 'boolean':
      return typeof first === 'boolean' ? first : null;
    case 'date':
      return since(first, now);
    default:
      return textOf(first);
  }
}
