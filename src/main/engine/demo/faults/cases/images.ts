/** Images that cannot be pulled, each with the words of the runtime that meets it. */
import { stagedPod, waiting, warning } from './build.ts';
import type { Case } from './types.ts';

const IMAGE = 'registry.example.com/team/app:1.0';
const unresolved = (image: string) =>
  `failed to pull and unpack image "${image}": failed to resolve reference "${image}"`;

function pull(id: string, message: string, image = IMAGE, reason = 'ImagePullBackOff'): Case {
  return {
    id,
    target: 'Pod/app',
    objects: (place) => [
      stagedPod(
        place,
        waiting(place, reason, reason === 'ImagePullBackOff' ? `Back-off pulling image "${image}"` : message),
        [
          warning('Failed', `Failed to pull image "${image}": ${message}`, {
            count: 4,
            fieldPath: 'spec.containers{app}',
          }),
          warning('Failed', 'Error: ImagePullBackOff', { count: 9, fieldPath: 'spec.containers{app}' }),
        ],
        { container: { image } },
      ),
    ],
  };
}

export const IMAGE_CASES: readonly Case[] = [
  pull(
    'I-401',
    `${unresolved(IMAGE)}: unexpected status from HEAD request to https://registry.example.com/v2/team/app/manifests/1.0: 401 Unauthorized`,
  ),
  pull(
    'I-403',
    `${unresolved(IMAGE)}: unexpected status from HEAD request to https://registry.example.com/v2/team/app/manifests/1.0: 403 Forbidden`,
  ),
  pull(
    'I-OLD',
    'Error: Status 403 trying to pull repository paas_template/lmtagent: "CRS_1002: Access Denied"',
    'registry.example.com/paas_template/lmtagent:v1.9.0',
  ),
  pull('I-404', `rpc error: code = NotFound desc = ${unresolved(IMAGE)}: ${IMAGE}: not found`),
  pull('I-ARCH', `failed to pull and unpack image "${IMAGE}": no match for platform in manifest: not found`),
  pull(
    'I-429',
    `${unresolved('docker.io/library/nginx:1.29')}: unexpected status code 429 Too Many Requests: toomanyrequests: You have reached your unauthenticated pull rate limit`,
    'nginx:1.29',
  ),
  pull(
    'I-X509',
    `${unresolved(IMAGE)}: tls: failed to verify certificate: x509: certificate signed by unknown authority`,
  ),
  pull('I-HTTP', `${unresolved(IMAGE)}: http: server gave HTTP response to HTTPS client`),
  pull('I-DNS', `${unresolved(IMAGE)}: dial tcp: lookup registry.example.com on 10.0.0.2:53: no such host`),
  pull('I-NET', `${unresolved(IMAGE)}: dial tcp 203.0.113.7:443: i/o timeout`),
  pull(
    'I-SPACE',
    `failed to pull and unpack image "${IMAGE}": failed to extract layer: write /var/lib/containerd/tmp: no space left on device`,
  ),
  pull(
    'I-NAME',
    `Failed to apply default image tag "Team/App:1.0": couldn't parse image name "Team/App:1.0": invalid reference format: repository name (library/Team/App) must be lowercase`,
    'Team/App:1.0',
    'InvalidImageName',
  ),
  pull('I-NEVER', `Container image "${IMAGE}" is not present with pull policy of Never`, IMAGE, 'ErrImageNeverPull'),
  pull(
    'I-SCHEMA',
    `failed to pull and unpack image "${IMAGE}": not implemented: media type "application/vnd.docker.distribution.manifest.v1+prettyjws" is no longer supported`,
  ),
];
