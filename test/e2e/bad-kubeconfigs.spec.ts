/** Kubeconfigs that are no good: told in the person's language with the remedy, and nothing is registered. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator } from '@playwright/test';
import { parse, stringify } from 'yaml';
import { translate } from '../../src/shared/i18n/index.ts';
import { EXEC_TIMEOUT_SECONDS } from '../../src/shared/limits.ts';
import { createAuthority } from '../integration/connections/pki.ts';
import { type App, expect, type Page, test } from './app.ts';
import { tells } from './notices.ts';

let demo: App;

test.beforeAll(({ demo: shared }) => {
  demo = shared;
});

/** Seconds that sign-in commands may take, set where a person sets them. */
async function limitSignIn(page: Page, seconds: number): Promise<void> {
  await demo.open(page, '#/settings');
  const field = page.getByTestId('exec-timeout');
  await field.fill(String(seconds));
  await field.press('Enter');
  await expect(page.locator('.ant-message-success')).toBeVisible();
  // What was saved, not only that something was.
  await expect(field).toHaveValue(String(seconds));
}

async function read(page: Page, text: string): Promise<void> {
  await page.getByTestId('source-text').click();
  await page.getByTestId('source-paste').fill(text);
  await page.getByTestId('source-read').click();
}

/** The first demo cluster under an address that it was not registered with. */
function cluster(): { server: string; ca: string } {
  const config = parse(readFileSync(Object.values(demo.kubeconfigs.clusters)[0] ?? '', 'utf8'));
  const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster;
  return { server: String(server).replace('127.0.0.1', 'localhost'), ca };
}

/** One context per name, each with a cluster and a user of its own. */
function kubeconfig(contexts: Record<string, { server: string; ca: string; user: object }>): string {
  const names = Object.keys(contexts);
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: Object.entries(contexts).map(([name, { server, ca }]) => ({
      name,
      cluster: { server, 'certificate-authority-data': ca },
    })),
    users: Object.entries(contexts).map(([name, { user }]) => ({ name, user })),
    contexts: names.map((name) => ({ name, context: { cluster: name, user: name } })),
  });
}

/** As from a file manager: the browser itself is told what is dragged. */
async function drop(page: Page, onto: Locator, files: string[]): Promise<void> {
  const box = await onto.boundingBox();
  if (box === null) throw new Error('nothing to drop onto');
  const browser = await page.context().newCDPSession(page);
  const place = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await browser.send('Input.dispatchDragEvent', {
      type,
      ...place,
      data: { items: [], files, dragOperationsMask: 1 },
    });
  await browser.detach();
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const plugin = (command: string, ...args: string[]): object => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args, interactiveMode: 'Never' },
});

test('what is no kubeconfig is said before anything is dialled', async ({ page, language }) => {
  await demo.open(page, '#/clusters?register=1');
  await read(page, 'apiVersion: v1\n  kind: [Config\n');
  await tells(page, language, { code: 'KUBECONFIG_NOT_YAML' }, /line \d+/);
  await read(page, 'apiVersion: v1\nkind: Config\nclusters: []\n');
  await tells(page, language, { code: 'KUBECONFIG_EMPTY' });
  await page.getByTestId('source-file').click();
  await page.getByTestId('source-path').fill('/nowhere/config');
  await page.getByTestId('source-read').click();
  await tells(page, language, { code: 'KUBECONFIG_UNREADABLE' });
  // What was pasted is still there.
  await page.getByTestId('source-text').click();
  await expect(page.getByTestId('source-paste')).toHaveValue(/kind: Config/);
  const folder = test.info().outputPath('dropped');
  mkdirSync(folder);
  const file = (name: string, text: string) => {
    writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  const notes = file('notes.yaml', ': [');
  await page.getByTestId('source-files').setInputFiles(notes);
  await tells(page.getByTestId('source-refused'), language, { code: 'KUBECONFIG_NOT_YAML' });
  // Of what is dropped, each that is no good is named, and the others are gone on with.
  const good = file('spare.yaml', kubeconfig({ spare: { ...cluster(), user: { token: 'nobody' } } }));
  await drop(page, page.getByTestId('source-paste'), [notes, folder, file('empty.yaml', ''), good]);
  const refused = (name: string) => page.getByTestId('source-refused').filter({ hasText: name });
  await tells(refused('notes.yaml'), language, { code: 'KUBECONFIG_NOT_YAML' });
  await tells(refused('dropped'), language, { code: 'KUBECONFIG_UNREADABLE' });
  await tells(refused('empty.yaml'), language, { code: 'KUBECONFIG_EMPTY' });
  await expect(page.getByTestId('context-spare')).toContainText('spare.yaml');
});

test('every way not to get in has its reason and remedy, and cannot be registered by mistake', async ({
  page,
  language,
}) => {
  const { server, ca } = cluster();
  const other = await createAuthority('somebody-else');
  const day = 86_400_000;
  const old = await other.client({ notBefore: new Date(Date.now() - 3 * day), notAfter: new Date(Date.now() - day) });
  const token = { token: 'nobody' };
  const expired = { 'client-certificate-data': base64(old.cert), 'client-key-data': base64(old.key) };
  const contexts = {
    dead: { server: 'https://127.0.0.1:1', ca, user: token },
    'wrong-ca': { server, ca: base64(other.pem), user: token },
    expired: { server, ca, user: expired },
    rejected: { server, ca, user: token },
    missing: { server, ca, user: plugin('no-such-sign-in') },
    hanging: { server, ca, user: plugin('sleep', '1000') },
  };
  await limitSignIn(page, 1);
  await demo.open(page, '#/clusters?register=1');
  await read(page, kubeconfig(contexts));
  for (const name of Object.keys(contexts))
    await page.getByTestId(`context-${name}`).getByRole('checkbox').first().check();

  // A name that exists stands in the way of everything, and says so beside it.
  const name = page.getByTestId('context-dead').getByTestId('context-name');
  await name.fill(Object.keys(demo.kubeconfigs.clusters)[0] ?? '');
  await expect(page.getByTestId('context-dead')).toContainText(translate(language, 'common.invalid.taken'));
  await expect(page.getByTestId('register-next')).toBeDisabled();
  await name.fill('dead');

  // A command that nobody has read does not run.
  await expect(page.getByTestId('register-next')).toBeDisabled();
  for (const context of ['missing', 'hanging']) {
    await expect(page.getByTestId(`context-${context}`).getByTestId('exec-plugin')).toContainText(
      context === 'missing' ? 'no-such-sign-in' : 'sleep 1000',
    );
    await page.getByTestId(`context-${context}`).getByTestId('exec-approve').check();
  }
  await page.getByTestId('register-next').click();
  const check = (context: string) => page.getByTestId(`check-${context}`);
  await tells(check('dead'), language, { code: 'CLUSTER_UNREACHABLE' }, 'ECONNREFUSED');
  await tells(check('wrong-ca'), language, { code: 'TLS_UNTRUSTED' });
  await tells(check('expired'), language, { code: 'CERT_EXPIRED', hint: 'hints.clientCertificateExpired' });
  await tells(check('rejected'), language, { code: 'CREDENTIALS_REJECTED' });
  await tells(check('missing'), language, { code: 'EXEC_MISSING' }, 'no-such-sign-in');
  await expect(page.getByTestId('register-submit')).toBeDisabled();
  await tells(check('hanging'), language, { code: 'EXEC_TIMEOUT' }, 'within 1 s');

  await page.keyboard.press('Escape');
  await expect(page.getByTestId('clusters-grid-row')).toHaveCount(Object.keys(demo.kubeconfigs.clusters).length);
  await limitSignIn(page, EXEC_TIMEOUT_SECONDS.default);
});
