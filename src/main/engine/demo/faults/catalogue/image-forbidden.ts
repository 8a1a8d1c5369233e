/** The registry refuses the image with 403, as the cloud's user manual shows it. */
import { behaviour, type FaultDefinition } from '../types.ts';

export const imageForbidden: FaultDefinition = {
  id: 'image-forbidden',
  scope: 'workload',
  parameters: [],
  effect: behaviour('image-forbidden', 'template'),
};
