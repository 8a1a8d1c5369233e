/** How versions of a custom resource are converted: what is accepted. Source: API reference apiextensions.k8s.io/v1; texts of the server's validation. */
import { X509Certificate } from 'node:crypto';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { forbiddenField, invalidAll, invalidValue, notSupported, required } from '../kinds/validation/field.ts';
import { label1035Name } from '../kinds/validation/meta.ts';
import { validateClientConfig } from '../kinds/validation/webhooks.ts';
import type { FieldError } from '../types.ts';

const REVIEW_VERSIONS = ['v1', 'v1beta1'];

/** `old`: the definition that there was. */
export function validateConversion(conversion: Json, old: KubeObject | null): FieldError[] {
  const at = 'spec.conversion';
  const errors: FieldError[] = [];
  const { strategy = '', webhook } = conversion ?? {};
  if (!['None', 'Webhook'].includes(strategy))
    errors.push(
      strategy === '' ? required(`${at}.strategy`) : notSupported(`${at}.strategy`, strategy, ['None', 'Webhook']),
    );
  if (strategy !== 'Webhook') {
    if (webhook)
      for (const [part, given] of [
        ['webhookClientConfig', webhook.clientConfig],
        ['conversionReviewVersions', webhook.conversionReviewVersions?.length],
      ])
        if (given)
          errors.push(forbiddenField(`${at}.${part}`, 'should not be set when strategy is not set to Webhook'));
    return errors;
  }
  const client = webhook?.clientConfig;
  if (!client) errors.push(required(`${at}.webhookClientConfig`, 'required when strategy is set to Webhook'));
  else {
    errors.push(...validateClientConfig(client, `${at}.webhookClientConfig`));
    const problem = isBundleJudged(old) ? authorityProblem(client.caBundle ?? '') : null;
    if (problem !== null) {
      const text = `unable to load root certificates: ${problem}`;
      errors.push(invalidValue(`${at}.webhookClientConfig.caBundle`, client.caBundle, text));
    }
  }
  const reviews: string[] = webhook?.conversionReviewVersions ?? [];
  reviews.forEach((version, index) => {
    const where = `${at}.conversionReviewVersions[${index}]`;
    if (reviews.indexOf(version) < index) errors.push(invalidValue(where, version, 'duplicate version'));
    errors.push(...invalidAll(where, version, label1035Name(version)));
  });
  if (reviews.length === 0) errors.push(required(`${at}.conversionReviewVersions`));
  else if (!reviews.some((review) => REVIEW_VERSIONS.includes(review))) {
    const text = `must include at least one of ${REVIEW_VERSIONS.join(', ')}`;
    errors.push(invalidValue(`${at}.conversionReviewVersions`, reviews, text));
  }
  return errors;
}

/** Before anybody can ask for its resources, and where a bad one is there already, it is let be. */
function isBundleJudged(old: KubeObject | null): boolean {
  const conditions: Json[] = old?.status?.conditions ?? [];
  if (!conditions.some(({ type, status }) => type === 'Established' && status === 'True')) return false;
  return authorityProblem(old?.spec?.conversion?.webhook?.clientConfig?.caBundle ?? '') === null;
}

const BLOCK = /-----BEGIN ([A-Z ]+)-----[\s\S]*?-----END \1-----/g;

/** Why a bundle names no authority; null when it names one, or is empty. */
function authorityProblem(base64: string): string | null {
  if (base64 === '') return null;
  const blocks = [...Buffer.from(base64, 'base64').toString('latin1').matchAll(BLOCK)];
  const certificates = blocks.filter(([, type]) => type === 'CERTIFICATE').map(([text]) => text);
  if (certificates.some(isCertificate)) return null;
  if (certificates.length > 0) return 'failed to parse certificate: x509: malformed certificate';
  return blocks.length > 0 ? 'no valid certificate authority data seen' : 'unable to parse bytes as PEM block';
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
