/** What a certificate signing request may ask for. Source: API reference certificates.k8s.io/v1; texts of the server's validation. */
import { X509Certificate } from 'node:crypto';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { equalJson } from '../../json.ts';
import type { FieldError } from '../../types.ts';
import { duplicate, forbiddenField, invalidValue, notSupported, required, tooLong } from './field.ts';
import { labelName, subdomainName } from './meta.ts';

const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];
const LEAST_SECONDS = 600;
const DOMAIN_MOST = 253;
/** A domain and a path that has room for a label before a subdomain. */
const SIGNER_MOST = DOMAIN_MOST + 1 + 253 + 63 + 1;
const LEGACY = 'kubernetes.io/legacy-unknown';

export function validateSigningRequest(object: KubeObject, old: KubeObject | null, subresource = ''): FieldError[] {
  const errors: FieldError[] = [];
  const { request, signerName = '', expirationSeconds: seconds } = object.spec ?? {};
  const usages: string[] = object.spec?.usages ?? [];
  const problem = requestProblem(request ?? '');
  if (problem !== null) errors.push(invalidValue('spec.request', request, problem));
  if (usages.length === 0) errors.push(required('spec.usages'));
  usages.forEach((usage, index) => {
    if (!USAGES.includes(usage)) errors.push(notSupported(`spec.usages[${index}]`, usage, USAGES));
  });
  usages.forEach((usage, index) => {
    if (usages.indexOf(usage) < index) errors.push(duplicate(`spec.usages[${index}]`, usage));
  });
  if (signerName === LEGACY)
    errors.push(invalidValue('spec.signerName', LEGACY, 'the legacy signerName is not allowed via this API version'));
  else errors.push(...validateSignerName(signerName, 'spec.signerName'));
  if (typeof seconds === 'number' && seconds < LEAST_SECONDS) {
    const text = 'may not specify a duration less than 600 seconds (10 minutes)';
    errors.push(invalidValue('spec.expirationSeconds', seconds, text));
  }
  errors.push(...validateConditions(object.status?.conditions ?? [], old?.status?.conditions ?? []));
  errors.push(...validateCertificate(object.status?.certificate ?? '', old?.status?.certificate ?? ''));
  return old === null ? errors : [...errors, ...validateChange(object, old, subresource)];
}

/** Decisions are there for good and taken by approval alone, certificates are set once and by status alone. */
function validateChange(object: KubeObject, old: KubeObject, subresource: string): FieldError[] {
  const of = ({ status }: KubeObject, type: string): Json[] =>
    (status?.conditions ?? []).filter((condition: Json) => condition.type === type);
  const refused = (what: string, type: string) =>
    forbiddenField('status.conditions', `updates may not ${what} a condition of type "${type}"`);
  const errors = DECISIONS.flatMap((type) =>
    of(object, type).length < of(old, type).length ? [refused('remove', type)] : [],
  );
  for (const type of subresource === 'approval' ? [] : ['Approved', 'Denied']) {
    const [now, before] = [of(object, type), of(old, type)];
    if (now.length > before.length) errors.push(refused('add', type));
    else if (now.length === before.length && !equalJson(now, before)) errors.push(refused('modify', type));
  }
  const [now = '', before = ''] = [object.status?.certificate, old.status?.certificate];
  if (now !== before && subresource !== 'status')
    errors.push(forbiddenField('status.certificate', 'updates may not set certificate content'));
  else if (now !== before && before !== '')
    errors.push(forbiddenField('status.certificate', 'updates may not modify existing certificate content'));
  return errors;
}

/** PEM blocks of certificates and nothing else; one that has been there may stay, however it is. */
function validateCertificate(base64: string, before: string): FieldError[] {
  const problem = base64 === before ? null : certificateProblem(base64);
  if (problem === null || (before !== '' && certificateProblem(before) !== null)) return [];
  return [invalidValue('status.certificate', '<certificate data>', problem)];
}

function certificateProblem(base64: string): string | null {
  if (base64 === '') return null;
  const text = Buffer.from(base64, 'base64').toString('latin1');
  const blocks = [...text.matchAll(/-----BEGIN ([^-]+)-----([\s\S]*?)-----END \1-----/g)];
  for (const [block, type, content] of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
    if (content!.includes(':')) return 'no PEM block headers are permitted';
    if (!isCertificate(block)) return 'x509: malformed certificate';
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : null;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

/** What is wrong with the base64 of a PEM block; null when it holds the outside of a PKCS#10 request. */
function requestProblem(base64: string): string | null {
  const text = Buffer.from(base64, 'base64').toString('latin1');
  const block = /-----BEGIN CERTIFICATE REQUEST-----\s([\s\S]*?)-----END CERTIFICATE REQUEST-----/.exec(text);
  if (block === null) return 'PEM block type must be CERTIFICATE REQUEST';
  const der = Buffer.from(block[1]!.replace(/\s+/g, ''), 'base64');
  return sequenceProblem(der);
}

/** The outermost SEQUENCE of DER has to be what there is, no more and no less. */
function sequenceProblem(der: Buffer): string | null {
  if (der.length < 2) return 'asn1: syntax error: sequence truncated';
  if (der[0] !== 0x30)
    return "asn1: structure error: tags don't match (16 vs {class:0 tag:0 length:0 isCompound:false})";
  const short = der[1]!;
  const bytes = short < 0x80 ? 0 : short & 0x7f;
  if (bytes > 4 || der.length < 2 + bytes) return 'asn1: structure error: length too large';
  const length = bytes === 0 ? short : der.readUIntBE(2, bytes);
  const rest = der.length - 2 - bytes - length;
  if (rest < 0) return 'asn1: syntax error: data truncated';
  return rest > 0 ? 'asn1: syntax error: trailing data' : null;
}

function validateSignerName(name: string, at: string): FieldError[] {
  if (name === '') return [required(at)];
  const errors: FieldError[] = [];
  const [domain = '', path = '', ...more] = name.split('/');
  if (!name.includes('/') || more.length > 0) {
    const text = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [...errors, invalidValue(at, name, text)];
  }
  if (domain.length > DOMAIN_MOST) errors.push(tooLong(at, DOMAIN_MOST));
  /** Those of the first label that has any. */
  const bad = (part: string, rule: (label: string) => string[]): FieldError[] => {
    const label = part.split('.').find((each) => rule(each).length > 0);
    if (label === undefined) return [];
    return rule(label).map((text) => invalidValue(at, part, `validating label ${JSON.stringify(label)}: ${text}`));
  };
  errors.push(...bad(domain, labelName));
  if (!domain.includes('.'))
    errors.push(invalidValue(at, domain, 'should be a domain with at least two segments separated by dots'));
  errors.push(...bad(path, subdomainName));
  if (name.length > SIGNER_MOST) errors.push(tooLong(at, SIGNER_MOST));
  return errors;
}

const DECISIONS = ['Approved', 'Denied', 'Failed'];
const STATUSES = ['False', 'True', 'Unknown'];

function validateConditions(conditions: Json[], before: Json[]): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  const known = new Set(before.map((condition) => condition.type));
  let decided = '';
  conditions.forEach(({ type = '', status = '' }, index) => {
    const at = `status.conditions[${index}]`;
    if (type === '') errors.push(required(`${at}.type`));
    if (DECISIONS.includes(type)) {
      if (status === '') errors.push(required(`${at}.status`));
      else if (status !== 'True') errors.push(notSupported(`${at}.status`, status, ['True']));
    } else if (status === '') errors.push(required(`${at}.status`));
    else if (!STATUSES.includes(status)) errors.push(notSupported(`${at}.status`, status, STATUSES));
    if (type === 'Approved' || type === 'Denied') {
      if (decided !== '' && decided !== type && !(known.has('Approved') && known.has('Denied')))
        errors.push(invalidValue('status.conditions', type, `Approved and Denied conditions are mutually exclusive`));
      decided = type;
    }
    if (seen.has(type)) errors.push(duplicate(`${at}.type`, type));
    seen.add(type);
  });
  return errors;
}
