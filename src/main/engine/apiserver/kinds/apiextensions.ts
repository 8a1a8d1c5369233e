/** apiextensions.k8s.io/v1: CustomResourceDefinition. What a definition does is in ../crd. */
import { defaultDefinition, definitionWarnings, prepareDefinition, validateDefinition } from '../crd/definition.ts';
import { createdAt } from '../table/cells.ts';
import type { KindDefinition } from '../types.ts';
import { defineKinds } from './define.ts';

export const apiextensions: KindDefinition[] = defineKinds(
  'apiextensions.k8s.io',
  'v1',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
  [
    {
      kind: 'CustomResourceDefinition',
      needsVersion: true,
      resource: 'customresourcedefinitions',
      shortNames: ['crd', 'crds'],
      categories: ['api-extensions'],
      namespaced: false,
      subresources: ['status'],
      generation: 'spec',
      defaults: defaultDefinition,
      prepare: prepareDefinition,
      validate: validateDefinition,
      warnings: definitionWarnings,
      columns: [createdAt],
    },
  ],
);
