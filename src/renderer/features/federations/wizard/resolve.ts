/** What a draft comes to: the three objects, with texts edited by hand in the last step winning over the form. Pure. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type Parsed, parseObject, toYaml } from '#shared/kubernetes/yaml-text.ts';
import type { Draft } from './model.ts';
import { type DistributedObjects, isClusterScoped, objectsOf } from './objects.ts';

export type TextName = 'template' | 'policy' | 'override';

export interface Resolved {
  /** The template of the first step; null while its YAML cannot be used. */
  template: KubeObject | null;
  templateParsed: Parsed | null;
  /** Null while something is missing or a text cannot be read. */
  objects: DistributedObjects | null;
  texts: Record<TextName, string>;
  /** What is wrong with a text edited by hand. */
  problems: Partial<Record<TextName, Exclude<Parsed, { object: KubeObject }>>>;
}

export function resolveDraft(draft: Draft): Resolved {
  const templateParsed = draft.mode === 'yaml' ? parseObject(draft.templateYaml) : null;
  const fromYaml = templateParsed !== null && 'object' in templateParsed ? withNamespace(templateParsed.object) : null;
  const generated = objectsOf(draft, fromYaml);
  const texts: Record<TextName, string> = {
    template: draft.edited.template ?? (generated === null ? '' : toYaml(generated.template)),
    policy: draft.edited.policy ?? (generated === null ? '' : toYaml(generated.policy)),
    override: draft.edited.override ?? (generated?.overridePolicy == null ? '' : toYaml(generated.overridePolicy)),
  };
  const problems: Resolved['problems'] = {};
  function use(name: TextName, otherwise: KubeObject | null): KubeObject | null {
    const edited = draft.edited[name];
    if (edited === undefined) return otherwise;
    if (name === 'override' && edited.trim() === '') return null;
    const parsed = parseObject(edited);
    if ('object' in parsed) return parsed.object;
    problems[name] = parsed;
    return null;
  }
  const template = use('template', generated?.template ?? null);
  const policy = use('policy', generated?.policy ?? null);
  const overridePolicy = use('override', generated?.overridePolicy ?? null);
  const usable = template !== null && policy !== null && Object.keys(problems).length === 0;
  return {
    template: generated?.template ?? null,
    templateParsed,
    objects: usable ? { template, policy, overridePolicy } : null,
    texts,
    problems,
  };
}

/** kubectl's default, written out so that template and policy surely agree. */
function withNamespace(template: KubeObject): KubeObject {
  if (template.metadata.namespace !== undefined || isClusterScoped(template)) return template;
  return { ...template, metadata: { ...template.metadata, namespace: 'default' } };
}
