/** Parts of the console in which what a federation distributes is shown. */
export const federatedCategories = [
  'workloads',
  'network',
  'configuration',
  'storage',
  'namespaces',
  'custom',
] as const;
export type FederatedCategory = (typeof federatedCategories)[number];
