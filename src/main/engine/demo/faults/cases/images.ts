/** Images that cannot be pulled: pods that the simulated kubelet meets with the words of its runtime. */
import { pod } from './build.ts';
import type { Case } from './types.ts';

const IMAGE = 'registry.example.com/team/app:1.0';

/** `answer`: the behaviour that makes pulling fail; null where the image itself does. */
function pull(id: string, answer: string | null, image = IMAGE, container: object = {}): Case {
  return {
    id,
    target: 'Pod/app',
    objects: (place) => [pod(place, {}, { image, ...container }, 'app', answer ?? undefined)],
  };
}

export const IMAGE_CASES: readonly Case[] = [
  pull('I-401', 'image-unauthorized'),
  pull('I-403', 'image-denied'),
  pull('I-OLD', 'image-forbidden', 'registry.example.com/paas_template/lmtagent:v1.9.0'),
  pull('I-404', 'image-missing'),
  pull('I-ARCH', 'image-other-platform'),
  pull('I-429', 'image-rate-limited', 'nginx:1.29'),
  pull('I-X509', 'image-untrusted'),
  pull('I-HTTP', 'image-plain-http'),
  pull('I-DNS', 'image-no-name'),
  pull('I-NET', 'image-unreachable'),
  pull('I-SPACE', 'image-no-space'),
  pull('I-NAME', null, 'Team/App:1.0'),
  pull('I-NEVER', null, IMAGE, { imagePullPolicy: 'Never' }),
  pull('I-SCHEMA', 'image-schema-1'),
  pull('I-PULL', 'image-registry-broken'),
];
