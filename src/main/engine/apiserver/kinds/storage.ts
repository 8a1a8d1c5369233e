/** storage.k8s.io/v1. */
import type { KindDefinition } from '../types.ts';
import { defineKinds } from './define.ts';

export const storage: KindDefinition[] = defineKinds('storage.k8s.io', 'v1', 'io.k8s.api.storage.v1', [
  { kind: 'CSIDriver', resource: 'csidrivers', namespaced: false },
  { kind: 'CSINode', resource: 'csinodes', namespaced: false },
  { kind: 'CSIStorageCapacity', resource: 'csistoragecapacities' },
  { kind: 'StorageClass', resource: 'storageclasses', shortNames: ['sc'], namespaced: false },
  { kind: 'VolumeAttachment', resource: 'volumeattachments', namespaced: false, subresources: ['status'] },
  { kind: 'VolumeAttributesClass', resource: 'volumeattributesclasses', shortNames: ['vac'], namespaced: false },
]);
