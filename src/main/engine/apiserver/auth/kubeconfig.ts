/** The administrator's kubeconfig. JSON is YAML, but people read and edit these files, so it is written as YAML. */
import { stringify } from 'yaml';
import type { Pki } from './pki.ts';

export function adminKubeconfig(name: string, server: string, pki: Pki): string {
  const user = `${name}-admin`;
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(pki.caCertificate) } }],
      users: [
        {
          name: user,
          user: {
            'client-certificate-data': base64(pki.adminCertificate),
            'client-key-data': base64(pki.adminKey),
          },
        },
      ],
      contexts: [{ name, context: { cluster: name, user } }],
      'current-context': name,
    },
    { lineWidth: 0 },
  );
}
