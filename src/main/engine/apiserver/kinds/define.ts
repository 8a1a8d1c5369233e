/**
 * How a kind is written down: a short record per kind, completed here to a KindDefinition. Validation of metadata
 * (names, labels, owner references ...) is added to every kind, so that no kind can forget it.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { renewAsSent } from '../openapi/sent-empty.ts';
import { canonicalise } from '../openapi/typed.ts';
import { age } from '../table/cells.ts';
import type { FieldError, KindDefinition, TableColumn } from '../types.ts';
import { dropGated } from './pods/gated.ts';
import { type MetaChecks, type NameRule, subdomainName, validateMeta } from './validation/meta.ts';

export const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

const STATUS_PARTS = ['metadata', 'status'];

/** Groups whose finalizers may have any good name. */
const PLAIN_FINALIZERS = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
]);

export interface KindSpec {
  kind: string;
  resource: string;
  /** Default: the kind in lower case. */
  singular?: string;
  /** Default: true. */
  namespaced?: boolean;
  /** Default: everything. */
  verbs?: string[];
  shortNames?: string[];
  categories?: string[];
  /** `status` here makes hasStatus true. */
  subresources?: string[];
  /** Default: `none`. */
  generation?: KindDefinition['generation'];
  countsEmpty?: true;
  /** Default: subdomain (RFC 1123). */
  nameRule?: NameRule;
  /** Default: `change`. */
  metaChecks?: MetaChecks;
  /** The same for updates of the status. Default: `none` where that is, `change` otherwise. */
  statusMetaChecks?: MetaChecks;
  selectableFields?: KindDefinition['selectableFields'];
  scale?: KindDefinition['scale'];
  defaults?: (object: KubeObject) => void;
  /** `defaults` changes nothing of what has them already, so that it may be given parts of the stored object. */
  sparesDefaulted?: true;
  /** What a write of the status alone fills in, too. */
  statusDefaults?: (object: KubeObject) => void;
  prepare?: (object: KubeObject, old: KubeObject | null) => void;
  /** Where the spec of its pods is: of what pods know there, some is behind gates. */
  podSpec?: (object: KubeObject) => Json;
  dropLate?: KindDefinition['dropLate'];
  takeOver?: KindDefinition['takeOver'];
  validate?: (object: KubeObject, old: KubeObject | null, subresource?: string) => FieldError[];
  /** Default: Age alone. */
  columns?: TableColumn[];
  nameCell?: (object: KubeObject) => string;
  rowOrder?: (a: KubeObject, b: KubeObject) => number;
  /** Parts that no writer owns, since the server alone decides on them. */
  unowned?: readonly string[];
  /** A replacement has to say which version it replaces. */
  needsVersion?: true;
  /** A replacement of what there is not makes it. */
  madeByUpdate?: true;
  /** Said of every request for the kind. */
  deprecation?: string;
  /** Advice that goes with the answer to a write. */
  warnings?: (object: KubeObject, old: KubeObject | null) => string[];
}

/** Kinds of one group version. `schemaPackage` is the OpenAPI prefix, `io.k8s.api.apps.v1`. */
export function defineKinds(
  group: string,
  version: string,
  schemaPackage: string,
  specs: KindSpec[],
): KindDefinition[] {
  return specs.map((spec) => {
    const nameRule = spec.nameRule ?? subdomainName;
    const namespaced = spec.namespaced ?? true;
    const definition: KindDefinition = {
      group,
      version,
      resource: spec.resource,
      kind: spec.kind,
      singular: spec.singular ?? spec.kind.toLowerCase(),
      namespaced,
      verbs: spec.verbs ?? ALL_VERBS,
      shortNames: spec.shortNames ?? [],
      categories: spec.categories ?? [],
      subresources: spec.subresources ?? [],
      listKind: `${spec.kind}List`,
      generation: spec.generation ?? 'none',
      hasStatus: spec.subresources?.includes('status') ?? false,
      validate: (object, old, subresource) => {
        const own = spec.validate?.(object, old, subresource) ?? [];
        // Who does not look at metadata leaves that to others, who come later.
        if (spec.metaChecks === 'none' && old === null && own.length > 0) return own;
        const plain = PLAIN_FINALIZERS.has(group);
        // Of a write to a part the change is looked at, whatever else is done for the whole object.
        const ofPart = spec.statusMetaChecks ?? (spec.metaChecks === 'none' ? 'none' : 'change');
        const checks = subresource === 'status' || subresource === 'finalize' ? ofPart : spec.metaChecks;
        return [...validateMeta(object, old, namespaced, nameRule, checks, plain), ...own];
      },
      columns: spec.columns ?? [age],
      schema: `${schemaPackage}.${spec.kind}`,
    };
    if (spec.scale !== undefined) definition.scale = spec.scale;
    if (spec.selectableFields !== undefined) definition.selectableFields = spec.selectableFields;
    const { schema } = definition;
    definition.defaults = (object, subresource, known = null) => {
      // A write of the status has everything else from the stored object.
      canonicalise(schema, object, subresource === 'status' ? STATUS_PARTS : null, known);
      if (known !== null && definition.addsDefaults === true && spec.sparesDefaulted !== true) renewAsSent(object);
      if (subresource !== 'status') spec.defaults?.(object);
      spec.statusDefaults?.(object);
    };
    definition.addsDefaults = spec.defaults !== undefined || spec.statusDefaults !== undefined;
    if (spec.warnings !== undefined) definition.warnings = spec.warnings;
    if (spec.unowned !== undefined) definition.unowned = spec.unowned;
    if (spec.deprecation !== undefined) definition.deprecation = spec.deprecation;
    if (spec.needsVersion) definition.needsVersion = true;
    if (spec.madeByUpdate) definition.madeByUpdate = true;
    if (spec.countsEmpty) definition.countsEmpty = true;
    if (spec.nameCell !== undefined) definition.nameCell = spec.nameCell;
    if (spec.rowOrder !== undefined) definition.rowOrder = spec.rowOrder;
    if (spec.prepare !== undefined) definition.prepare = spec.prepare;
    const { podSpec, dropLate } = spec;
    if (podSpec !== undefined) definition.dropGated = (object) => dropGated(podSpec(object));
    if (dropLate !== undefined) definition.dropLate = dropLate;
    if (spec.takeOver !== undefined) definition.takeOver = spec.takeOver;
    return definition;
  });
}

/** Scale paths of the workload kinds. */
export const workloadScale = {
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.spec.selector',
};
