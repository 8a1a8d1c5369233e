/** A release names an image that the registry does not have. */
import { behaviour, type FaultDefinition } from '../types.ts';

export const imageMissing: FaultDefinition = {
  id: 'image-missing',
  scope: 'workload',
  parameters: [],
  effect: behaviour('image-missing', 'template'),
};
