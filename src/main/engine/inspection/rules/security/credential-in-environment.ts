import { inEveryContainer } from '../containers.ts';
import { podSecurityRule } from '../families.ts';

const NAMES = /(^|_)(PASSWORD|PASSWD|TOKEN|SECRET|BEARER|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?)(_|$)/i;
/** Names of things about credentials: where they lie, how long they live. */
const HARMLESS = /(_|^)(FILE|PATH|DIR|NAME|URL|URI|ENDPOINT|TTL|EXPIRY|EXPIRATION|LENGTH|ISSUER|TYPE|ENABLED)$/i;
const KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** Switches, numbers and places in the file system are no credentials. */
function isPlain(value: string): boolean {
  return /^(true|false|yes|no|on|off|none|\d{1,4}|\/\S*)$/i.test(value);
}

export const credentialInEnvironment = podSecurityRule(
  'CredentialInEnvironment',
  {
    severity: 'danger',
    references: ['https://kubernetes.io/docs/concepts/configuration/secret/'],
    zh: [
      '环境变量中明文写有凭据',
      '能读取该对象、清单仓库或进程环境的人都能得到凭据。',
      '将值放入 Secret，并用 valueFrom.secretKeyRef 引用；更换已暴露的凭据。',
    ],
    en: [
      'Credential in plain text in the environment',
      'Whoever reads the object, the repository of its manifest or the environment of the process has the credential.',
      'Put the value into a Secret and refer to it by valueFrom.secretKeyRef; replace the credential that was exposed.',
    ],
  },
  inEveryContainer(({ env }) => {
    const found = ((env ?? []) as { name?: string; value?: string }[]).flatMap(({ name = '', value }, index) => {
      const suspicious = typeof value === 'string' && value !== '' && !value.startsWith('$(');
      return suspicious && (KEY.test(value) || (NAMES.test(name) && !HARMLESS.test(name) && !isPlain(value)))
        ? [{ name, index }]
        : [];
    });
    const [first] = found;
    if (first === undefined) return null;
    // Names alone: what was found must not be told on.
    return { field: `env[${first.index}].value`, evidence: found.map(({ name }) => name).join(', ') };
  }),
);
