/** Types of which one field is set at most, as their declarations say. Source: API reference of Kubernetes 1.36. */

/** One type per line: `type|field that tells which|fields`. */
const TABLE = `
core.AppArmorProfile|type|localhostProfile
core.PodSchedulingGroup||podGroupName
core.SeccompProfile|type|localhostProfile
flowcontrol.LimitResponse|type|queuing
flowcontrol.PriorityLevelConfigurationSpec|type|exempt,limited
flowcontrol.Subject|kind|group,serviceAccount,user
`;

/** The extension `x-kubernetes-unions` of a type by id, if it is one. */
export function unionOf(id: string): object | undefined {
  const line = TABLE.split('\n').find((each) => each.startsWith(`${id}|`));
  if (line === undefined) return undefined;
  const [, discriminator = '', fields = ''] = line.split('|');
  const names = fields.split(',').map((field) => [field, field.charAt(0).toUpperCase() + field.slice(1)]);
  return { ...(discriminator === '' ? {} : { discriminator }), 'fields-to-discriminateBy': Object.fromEntries(names) };
}
