/** The administrator's kubeconfig. Values are JSON strings, which are YAML too; people read and edit these files. */
import type { Pki } from './pki.ts';

export function adminKubeconfig(name: string, server: string, pki: Pki): string {
  const cluster = JSON.stringify(name);
  const user = JSON.stringify(`${name}-admin`);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return `apiVersion: v1
kind: Config
clusters:
  - name: ${cluster}
    cluster:
      server: ${server}
      certificate-authority-data: ${base64(pki.caCertificate)}
users:
  - name: ${user}
    user:
      client-certificate-data: ${base64(pki.adminCertificate)}
      client-key-data: ${base64(pki.adminKey)}
contexts:
  - name: ${cluster}
    context:
      cluster: ${cluster}
      user: ${user}
current-context: ${cluster}
`;
}
