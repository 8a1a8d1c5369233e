/** Pulls of images: what the runtime says of them, by cause. */
import { describe, expect, test } from 'vitest';
import { causes, node, pod, report, thing, told, UNREADY, waiting } from '../testing.ts';
import { classifyPull } from './image.ts';

const N = node();

describe('images', () => {
  test.each([
    ['failed to resolve reference "x": 401 Unauthorized', 'I-401'],
    ["pull access denied for x, repository does not exist or may require 'docker login'", 'I-401'],
    ['insufficient_scope: authorization failed', 'I-401'],
    ['unexpected status: 403 Forbidden', 'I-403'],
    ['denied: requested access to the resource is denied', 'I-403'],
    ['Error: Status 403 trying to pull repository a/b: "CRS_1002: Access Denied"', 'I-OLD'],
    ['manifest unknown', 'I-404'],
    ['rpc error: code = NotFound desc = x: not found', 'I-404'],
    ['no matching manifest for linux/arm64/v8 in the manifest list entries', 'I-ARCH'],
    ['no match for platform in manifest: not found', 'I-ARCH'],
    ['toomanyrequests: You have reached your pull rate limit', 'I-429'],
    ['x509: certificate signed by unknown authority', 'I-X509'],
    ['x509: certificate has expired or is not yet valid', 'I-X509'],
    ['http: server gave HTTP response to HTTPS client', 'I-HTTP'],
    ['dial tcp: lookup registry.example: no such host', 'I-DNS'],
    ['dial tcp 10.0.0.1:443: i/o timeout', 'I-NET'],
    ['net/http: TLS handshake timeout', 'I-NET'],
    ['proxyconnect tcp: dial tcp: connect: connection refused', 'I-NET'],
    ['write /var/lib: no space left on device', 'I-SPACE'],
    ['couldn\'t parse image name "A": invalid reference format', 'I-NAME'],
    ['Container image "x" is not present with pull policy of Never', 'I-NEVER'],
    ['media type application/vnd.docker.distribution.manifest.v1+prettyjws', 'I-SCHEMA'],
    ['Back-off pulling image "x"', 'I-PULL'],
  ])('%s is %s', (text, id) => expect(classifyPull(text)).toBe(id));

  test('a back-off says nothing itself: the event of the pull decides', () => {
    const stuck = waiting('ImagePullBackOff', 'Back-off pulling image "registry.example/web:1"');
    expect(causes(stuck, [N])).toEqual(['I-PULL']);
    const pull = told(stuck, 'Failed', 'Failed to pull image "registry.example/web:1": 403 Forbidden', {
      container: 'app',
    });
    expect(causes(stuck, [N, pull])).toEqual(['I-403']);
  });

  test('the event of another container, or of an older pod with the name, is not taken', () => {
    const stuck = waiting('ImagePullBackOff');
    const other = told(stuck, 'Failed', 'Failed to pull image "other": 403 Forbidden', { container: 'side' });
    const old = told(
      { ...stuck, metadata: { ...stuck.metadata, uid: 'older' } },
      'Failed',
      'Failed to pull image "registry.example/web:1": 403 Forbidden',
      { container: 'app' },
    );
    expect(causes(stuck, [N, other, old])).toEqual(['I-PULL']);
  });

  test('the manual’s 403 names the old runtime of the node and gives the manual’s remedy', () => {
    const stuck = waiting('ImagePullBackOff');
    const pull = told(
      stuck,
      'Failed',
      'Failed to pull image "registry.example/web:1": Error: Status 403 trying to pull repository web: "CRS_1002: Access Denied"',
      { container: 'app' },
    );
    const old = node('n1', {
      status: { nodeInfo: { containerRuntimeVersion: 'docker://1.13.1', kubeletVersion: 'v1.36.0' } },
    });
    const { findings } = report(stuck, [old, pull]);
    expect(findings[0]).toMatchObject({ cause: 'I-OLD', confidence: 'high' });
    expect(findings[0]?.remedy.zh).toContain('升级到最新版本');
    expect(findings[0]?.evidence.map(({ text }) => text)).toContain('docker://1.13.1');
  });

  test('a pull secret is told with the hosts it is for, never with a value', () => {
    const stuck = waiting('ErrImagePull', '401 Unauthorized', {
      spec: {
        nodeName: 'n1',
        containers: [{ name: 'app', image: 'registry.example/web:1' }],
        imagePullSecrets: [{ name: 'login' }],
      },
    });
    const secret = thing('v1', 'Secret', 'login', {
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': '' },
      registries: ['other.example'],
    });
    expect(report(stuck, [N, secret]).findings[0]?.sentence.en).toContain('Secret login: other.example');
  });

  test('init and side containers are looked at as well', () => {
    const stuck = pod({
      status: {
        phase: 'Pending',
        ...UNREADY,
        initContainerStatuses: [
          { name: 'init', state: { waiting: { reason: 'ErrImagePull', message: '429 Too Many Requests' } } },
        ],
      },
      spec: { nodeName: 'n1', initContainers: [{ name: 'init', image: 'x' }], containers: [{ name: 'app' }] },
    });
    expect(causes(stuck, [N])[0]).toBe('I-429');
  });
});
