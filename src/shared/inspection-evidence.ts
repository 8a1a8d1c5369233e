/**
 * What a rule saw: a cluster's own words as they are, or one of our sentences around them, which a person reads in their
 * language and a program in English.
 */

import type { inspectionEvidence } from './i18n/en/inspection-evidence.ts';
import { type Language, translate, translateIfKnown } from './i18n/index.ts';

type SentenceKey = Exclude<keyof typeof inspectionEvidence, 'fields'>;

export interface Said {
  /** Key of the sentence among the texts of evidence. */
  says: string;
  values: Readonly<Record<string, string | number | Said>>;
}
export type Evidence = string | Said;

export function said(says: SentenceKey, values: Said['values'] = {}): Said {
  return { says, values };
}

export function evidenceText(language: Language, evidence: Evidence): string {
  if (typeof evidence === 'string') return evidence;
  const values = Object.entries(evidence.values).map(([name, value]): [string, string | number] => [
    name,
    typeof value === 'object' ? evidenceText(language, value) : value,
  ]);
  // Of a sentence that a later version took away, the values are what is left.
  return (
    translateIfKnown(language, `inspectionEvidence.${evidence.says}`, Object.fromEntries(values)) ??
    values.map(([, value]) => value).join(', ')
  );
}

/** Why something is accepted: the words of whoever accepted it, or ours for what comes with the product. */
export function exemptionText(language: Language, { id, reason }: { id: string; reason: string }): string {
  return id === 'kube-system' ? translate(language, 'inspection.exempt.kubeSystem') : reason;
}

const FIELDS = {
  'API server certificate': 'servingCertificate',
  'authority of the API server': 'servingAuthority',
  'authority in the kubeconfig': 'trustedAuthority',
  'client certificate of the kubeconfig': 'clientCertificate',
  'authority of the client certificate': 'clientAuthority',
} as const;

/** Where it was seen: a path inside an object is the same in every language, what is not inside one has words. */
export function fieldText(language: Language, field: string): string {
  if (field in FIELDS) return translate(language, `inspectionEvidence.fields.${FIELDS[field as keyof typeof FIELDS]}`);
  if (field.startsWith('event '))
    return translate(language, 'inspectionEvidence.fields.event', { reason: field.slice(6) });
  return field;
}
