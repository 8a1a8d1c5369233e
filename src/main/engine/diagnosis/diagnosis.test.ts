import 'reflect-metadata';
import { generateKeyPairSync, type webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { describe, expect, test } from 'vitest';
import type { DiagnosisReport } from '#shared/contract/diagnosis.ts';
import { CAUSES } from './causes/index.ts';
import { TITLES } from './causes/titles.ts';
import { exportReport } from './export.ts';
import { grouped, unhealthy } from './health.ts';
import { sh } from './hits.ts';
import { kept } from './resources.ts';
import { masked } from './run.ts';
import {
  ago,
  causes,
  NOW,
  node,
  pod,
  report,
  service,
  slice,
  thing,
  told,
  UNREADY,
  waiting,
  workload,
} from './testing.ts';
import { createWorld } from './world.ts';

/** Ids of the catalogue, in full: one that is taken out or misspelt is missed here. */
const CATALOGUE =
  `P-QUOTA P-LIMITR P-PSA P-WEBHOOK P-SA P-PRIO P-SELECT P-PVCQUOTA P-CPU P-MEM P-EPH P-EXT P-MAXPODS P-TAINT P-CORDON
 P-AFF P-PAFF P-PANTI P-SPREAD P-PORT P-VOLAFF P-VOLBIND P-VOLMAX P-DRA P-NONODE P-GATE P-NOSCHED P-PREEMPT P-PVCPEND P-ATTACH
 P-MOUNT P-SANDBOX P-NETNOT P-CONFIG P-CREATE P-KUBELET P-HOOK P-REJECT I-401 I-403 I-OLD I-404 I-ARCH I-429 I-X509 I-HTTP I-DNS
 I-NET I-SPACE I-NAME I-NEVER I-SCHEMA C-OOM C-OOMNODE C-LIVE C-START C-CMD C-CONF C-DONE C-INIT C-LOOP C-EVICT C-TAINTEV
 C-DEADLINE C-RESTART P-READY P-GATEX P-TERM P-UNKNOWN N-DOWN N-CERT N-RUNTIME N-CNI N-MEM N-DISK N-PID N-TAINT N-RO N-KERN N-TIME
 N-REBOOT N-VER N-CAP N-GPU N-DUP N-VK S-NOEP S-SEL S-READY S-TPORT S-PROTO S-NOSEL S-EXT S-LBPEND S-LBEP S-NP S-NETPOL S-DNS S-AFF
 S-KPROXY S-IPFAM S-EVENT S-HEADLESS S-MCS G-NOCLASS G-CLASSMISS G-CTRL G-SVC G-PORT G-EP G-EXTNAME G-TLSMISS G-TLSBAD G-HOSTDUP
 G-PATH G-ADDR G-DNS G-WEBHOOK G-ANNOT G-LOG G-MCI`.split(/\s+/);

describe('the catalogue', () => {
  test('has every cause once', () => {
    const ids = CAUSES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(CATALOGUE.filter((id) => !ids.includes(id))).toEqual([]);
  });

  test('calls every cause something, in both languages', () => {
    const ids = CAUSES.map(({ id }) => id).sort();
    expect(Object.keys(TITLES).sort()).toEqual(ids);
    for (const [id, [zh, en]] of Object.entries(TITLES))
      expect([id, /[\u4e00-\u9fff]/.test(zh), /[\u4e00-\u9fff{}]/.test(en)]).toEqual([id, true, false]);
  });

  test('says the same in both languages: the same values, and a remedy', () => {
    const values = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    for (const { id, zh, en } of CAUSES) {
      expect([id, [...new Set(values(zh.says))]]).toEqual([id, [...new Set(values(en.says))]]);
      expect([id, zh.remedy !== '' && en.remedy !== '']).toEqual([id, true]);
      expect([id, /[\u4e00-\u9fff]/.test(zh.says), /[\u4e00-\u9fff]/.test(en.says)]).toEqual([id, true, false]);
    }
  });
});

describe('what could not be read', () => {
  const unread = new Map([
    ['Event', { what: 'events', forbidden: true, reason: 'no' }],
    ['StorageClass', { what: 'storageclasses', forbidden: false, reason: 'timeout' }],
  ]);

  test('makes the result partial, and the steps say which right or answer they lacked', () => {
    const found = report(pod(), [node()], { unread });
    expect(found).toMatchObject({ verdict: 'unknown', partial: true });
    expect(found.conclusion.en).toContain('as far as it could be read');
    expect(found.steps.find(({ id }) => id === 'image')).toMatchObject({ verdict: 'forbidden', unread: ['events'] });
    expect(found.steps.find(({ id }) => id === 'start')).toMatchObject({ verdict: 'ok' });
  });

  test('proves nothing by its absence', () => {
    const claim = thing('v1', 'PersistentVolumeClaim', 'data', {
      metadata: { creationTimestamp: ago(10) },
      spec: { storageClassName: 'fast' },
      status: { phase: 'Pending' },
    });
    expect(causes(claim, [], { unread })).toEqual([]);
    expect(
      causes(service({ selector: undefined }), [], {
        unread: new Map([['EndpointSlice', { what: 'endpointslices', forbidden: true, reason: '' }]]),
      }),
    ).toEqual([]);
  });
});

test('of a chain of certificates it is kept whether each was issued by the next', async () => {
  const days = (count: number) => new Date(Date.now() + count * 24 * 3600 * 1000);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const make = async (name: string, issuer?: { name: string; keys: webcrypto.CryptoKeyPair }) => {
    const keys = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
    const certificate = await x509.X509CertificateGenerator.create({
      subject: `CN=${name}`,
      issuer: `CN=${issuer?.name ?? name}`,
      notBefore: days(-1),
      notAfter: days(90),
      publicKey: keys.publicKey as never,
      signingKey: (issuer?.keys ?? keys).privateKey as never,
      signingAlgorithm: algorithm,
      extensions: [new x509.BasicConstraintsExtension(issuer === undefined, undefined, true)],
    });
    return { name, keys, pem: certificate.toString('pem') };
  };
  const root = await make('root');
  const other = await make('other');
  const leaf = await make('shop.example.com', root);
  const encoded = (...parts: { pem: string }[]) =>
    Buffer.from(parts.map(({ pem }) => pem).join('\n')).toString('base64');
  const facts = (...parts: { pem: string }[]) =>
    kept(thing('v1', 'Secret', 's', { data: { 'tls.crt': encoded(...parts), 'tls.key': '' } })).tls;
  expect(facts(leaf)).toMatchObject({ chain: [], broken: [] });
  expect(facts(leaf, root)).toMatchObject({ chain: [{ subject: 'CN=root' }], broken: [] });
  expect(facts(leaf, other).broken).toEqual(['CN=shop.example.com', 'CN=other']);
});

test('what is read of Secrets and ConfigMaps holds no value', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  const facts = kept(
    thing('v1', 'Secret', 's', {
      type: 'kubernetes.io/tls',
      data: {
        'tls.key': encoded(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string),
        'tls.crt': encoded('none'),
        password: encoded('hunter2'),
      },
    }),
  );
  expect(JSON.stringify(facts)).not.toMatch(/PRIVATE|hunter2|aHVudGVyMg/);
  expect(facts).toMatchObject({ data: { password: '' }, tls: { problem: 'certificate' } });
  const login = kept(
    thing('v1', 'Secret', 'l', { data: { '.dockerconfigjson': encoded('{"auths":{"r.example":{"auth":"eA=="}}}') } }),
  );
  expect(login.registries).toEqual(['r.example']);
  expect(JSON.stringify(kept(thing('v1', 'ConfigMap', 'c', { data: { key: 'hunter2' } })))).not.toContain('hunter2');
  expect(kept(told(pod(), 'x', 'Authorization: Bearer abcdefghijkl')).message).not.toContain('abcdefghijkl');
});

describe('a ticket', () => {
  const HOSTILE = '<script>alert(1)</script>`$7` [x](javascript:a) password=hunter2';
  const stuck = waiting('ImagePullBackOff', HOSTILE);
  const whole: DiagnosisReport = masked({
    id: 'r',
    clusterId: 'c',
    cluster: '<b>east</b>',
    object: { kind: 'Pod', namespace: 'shop', name: 'web-1' },
    startedAt: ago(0),
    durationMs: 5,
    ...report(stuck, [
      node(),
      told(stuck, 'Failed', `Failed to pull image "registry.example/web:1": ${HOSTILE}`, { container: 'app' }),
    ]),
  });

  test('has no secret in it, in no format', () => {
    for (const format of ['markdown', 'html', 'json'] as const)
      expect(exportReport(whole, format, 'en').text).not.toContain('hunter2');
  });

  test('escapes what came from the cluster', () => {
    const html = exportReport(whole, 'html', 'zh').text;
    expect(html).not.toMatch(/<script|<b>east/);
    expect(html).toContain('&lt;script&gt;');
    expect(html).toContain("default-src 'none'");
    const markdown = exportReport(whole, 'markdown', 'en').text;
    const outsideCode = markdown.replaceAll(/(`+)(?!`).*?[^`]\1(?!`)/g, '');
    expect(outsideCode).not.toMatch(/<script|\]\(javascript/);
  });

  test('has a name that is safe in any file system, and both languages', () => {
    expect(exportReport(whole, 'json', 'en').name).toBe('diagnosis-pod-shop-web-1.json');
    expect(
      exportReport({ ...whole, object: { kind: 'Pod', namespace: '..', name: '../../x' } }, 'html', 'en').name,
    ).not.toContain('/');
    expect(exportReport(whole, 'markdown', 'zh').text).toContain('处理方法');
    expect(exportReport(whole, 'markdown', 'en').text).toContain('Remedy');
  });
});

test('names in commands are quoted where a shell would act on them', () => {
  expect([sh('web-1'), sh('a b'), sh("x'; rm -rf /")]).toEqual(['web-1', "'a b'", String.raw`'x'\''; rm -rf /'`]);
});

test('long texts are cut, thousands of events are judged', () => {
  const stuck = waiting('ErrImagePull', 'x'.repeat(100_000));
  const many = Array.from({ length: 5000 }, (_, index) =>
    told(stuck, 'Failed', `Failed to pull image "registry.example/web:1": 403 Forbidden ${index}`, {
      container: 'app',
    }),
  );
  const found = report(stuck, [node(), ...many]);
  expect(found.findings[0]?.cause).toBe('I-403');
  expect(JSON.stringify(found).length).toBeLessThan(40_000);
});

describe('health', () => {
  test('groups what is unhealthy by cause, over clusters; what suffers from it is counted, not told again', async () => {
    const stuck = pod({
      metadata: { name: 'web-1' },
      status: UNREADY,
      state: { ready: false, state: { waiting: { reason: 'ErrImagePull', message: '429 Too Many Requests' } } },
    });
    const world = createWorld({
      cluster: 'east',
      now: NOW,
      version: 'v1.36.0',
      objects: [node(), stuck, service(), slice('web', 0, 1)],
    });
    const { places, checked } = await unhealthy(world);
    expect(checked).toBe(3);
    expect(places).toMatchObject([{ cause: 'I-429', verdict: 'fault', total: 2 }]);
    const groups = grouped([
      { id: 'a', name: 'east', places },
      { id: 'b', name: 'west', places },
    ]);
    expect(groups).toMatchObject([{ cause: 'I-429', clusters: 2, total: 4 }]);
    expect(groups[0]?.title.en).not.toContain('{');
  });

  test('is empty where all is well', async () => {
    const world = createWorld({
      cluster: 'east',
      now: NOW,
      version: 'v1.36.0',
      objects: [node(), pod(), service(), slice('web')],
    });
    expect((await unhealthy(world)).places).toEqual([]);
  });
});

test('a rollout that cannot end because its pods are refused has one cause', () => {
  const late = workload(
    'Deployment',
    {},
    {
      conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'late' }],
    },
  );
  const refused = told(late, 'FailedCreate', 'Error creating: pods "web-1" is forbidden: exceeded quota: small');
  expect(causes(late, [node(), refused])).toEqual(['P-QUOTA']);
});
