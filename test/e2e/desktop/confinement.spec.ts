/** What the page in the desktop window cannot do, tried from inside it and looked at from the main process. */
import { type Desktop, root } from '../hosts/desktop.ts';
import { connected, expect, test } from './fixtures.ts';

/** Replaces the question and the browser by records of them; `answer` is the button that gets pressed. */
async function recordLinks(
  { app }: Desktop,
  answer: 0 | 1,
): Promise<() => Promise<{ asked: string[]; opened: string[] }>> {
  await app.evaluate(({ dialog, shell }, response) => {
    const record = { asked: [] as string[], opened: [] as string[] };
    (globalThis as { links?: typeof record }).links = record;
    dialog.showMessageBox = (async (...args: unknown[]) => {
      record.asked.push((args.at(-1) as { detail: string }).detail);
      return { response, checkboxChecked: false };
    }) as typeof dialog.showMessageBox;
    shell.openExternal = async (url) => void record.opened.push(url);
  }, answer);
  return () => app.evaluate(() => (globalThis as unknown as { links: { asked: string[]; opened: string[] } }).links);
}

test('the window has every protection on, and the page sees nothing of Node or Electron', async ({ desktop }) => {
  const preferences = await desktop.app.evaluate(({ BrowserWindow }) =>
    (
      BrowserWindow.getAllWindows()[0]?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }
    ).getLastWebPreferences(),
  );
  expect(preferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
  });
  const seen = await desktop.window.evaluate(() => ({
    globals: ['require', 'process', 'module', 'Buffer', 'electron', 'ipcRenderer'].filter((name) => name in window),
    bridge: Object.keys((window as unknown as { fleetdeck: object }).fleetdeck),
    origin: window.location.origin,
  }));
  expect(seen).toEqual({ globals: [], bridge: ['requestPort', 'savePdf'], origin: 'app://fleetdeck' });
});

test('the interface is served with its policy, from its folder only', async ({ desktop }) => {
  const answer = await desktop.window.evaluate(async () => {
    const get = async (url: string) => {
      const response = await fetch(url);
      return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
    };
    return {
      page: await get('/'),
      again: await get('/'),
      outside: await Promise.all(['/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json'].map(get)),
      post: (await fetch('/', { method: 'POST' })).status,
    };
  });
  const nonceOf = (policy = ''): string | undefined => /'nonce-([\w-]+)'/.exec(policy)?.[1];
  const policy = answer.page.headers['content-security-policy'];
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(answer.page.headers['x-content-type-options']).toBe('nosniff');
  expect(answer.page.body).toContain(nonceOf(policy));
  expect(nonceOf(answer.again.headers['content-security-policy'])).not.toBe(nonceOf(policy));
  for (const { body } of answer.outside) expect(body).not.toContain('"devDependencies"');
  expect(answer.post).toBe(403);
});

test('script in the page text and foreign hosts are refused by the policy', async ({ desktop }) => {
  const refused = await desktop.window.evaluate(async () => {
    const violations: string[] = [];
    document.addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective));
    const add = (html: string): void => {
      document.body.append(document.createRange().createContextualFragment(html));
    };
    add('<script>window.ran = true</script>');
    add('<img src="https://example.com/x.png" onerror="window.ran = true">');
    await fetch('https://example.com/').catch(() => undefined);
    const blob = URL.createObjectURL(new Blob(['window.ran = true'], { type: 'text/javascript' }));
    await new Promise((resolve) => {
      const script = document.createElement('script');
      script.src = blob;
      script.onload = script.onerror = resolve;
      document.body.append(script);
    });
    return { violations, ran: 'ran' in window };
  });
  expect(refused.ran).toBe(false);
  expect(refused.violations.sort()).toEqual(['connect-src', 'img-src', 'script-src-elem', 'script-src-elem']);
});

test('no permission but writing the clipboard', async ({ desktop }) => {
  const { window } = desktop;
  const names = ['geolocation', 'notifications', 'camera', 'microphone', 'midi', 'clipboard-read'];
  const states = await window.evaluate(
    (list) =>
      Promise.all(
        list.map(async (name) => (await navigator.permissions.query({ name: name as PermissionName })).state),
      ),
    names,
  );
  expect(Object.fromEntries(names.map((name, index) => [name, states[index]]))).toEqual(
    Object.fromEntries(names.map((name) => [name, 'denied'])),
  );
  expect(await window.evaluate(() => Notification.requestPermission())).toBe('denied');
  // Asked, not used: a display without a window manager does not let every page have the focus that writing needs.
  const writing = await window.evaluate(
    async () => (await navigator.permissions.query({ name: 'clipboard-write' as PermissionName })).state,
  );
  expect(writing).toBe('granted');
});

test('the page cannot leave, and nothing can be embedded or downloaded but files that it made itself', async ({
  desktop,
}) => {
  const { app, window: page } = desktop;
  await app.evaluate(({ session }) => {
    const record: Record<string, 'refused' | 'saved'> = {};
    (globalThis as { downloads?: typeof record }).downloads = record;
    session.defaultSession.on('will-download', (event, item) => {
      record[new URL(item.getURL()).protocol] = event.defaultPrevented ? 'refused' : 'saved';
      // Nobody is there to say where to.
      item.cancel();
    });
  });
  await page.evaluate(() => {
    location.href = 'https://example.com/';
  });
  await page.evaluate(() => {
    const link = document.createElement('a');
    link.download = 'x.txt';
    for (const address of ['data:text/plain,x', URL.createObjectURL(new Blob(['x']))]) {
      link.href = address;
      link.click();
    }
  });
  await expect
    .poll(() => app.evaluate(() => (globalThis as unknown as { downloads: Record<string, string> }).downloads))
    .toEqual({ 'data:': 'refused', 'blob:': 'saved' });
  expect(page.url()).toMatch(/^app:\/\/fleetdeck\//);
  expect(await app.evaluate(({ webContents }) => webContents.getAllWebContents().length)).toBe(1);
});

test('a link leaves through the gate: https only, the host shown, and the person asked', async ({ desktop }) => {
  const links = await recordLinks(desktop, 0);
  await desktop.window.evaluate(() => {
    for (const url of [
      'http://example.com/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'smb://example.com/share',
      'vscode://x',
      'https://user:secret@example.com/',
      'https://example.com/docs?a=1',
    ])
      window.open(url);
  });
  await expect.poll(async () => (await links()).opened).toEqual(['https://example.com/docs?a=1']);
  const { asked } = await links();
  expect(asked).toHaveLength(1);
  expect(asked[0]).toContain('example.com');
  expect(desktop.app.windows()).toHaveLength(1);
});

test('a link the person declines stays closed', async ({ desktop }) => {
  const links = await recordLinks(desktop, 1);
  await desktop.window.evaluate(() => window.open('https://example.com/'));
  await expect.poll(async () => (await links()).asked.length).toBe(1);
  expect((await links()).opened).toEqual([]);
});

test('only a page of our own window gets a port to the engine', async ({ desktop }) => {
  await connected(desktop);
  const ask = `new Promise((resolve) => {
    addEventListener('message', ({ data, ports }) => { if (data === 'fleetdeck:port') resolve(ports.length); });
    fleetdeck.requestPort();
    window.asked = true;
  })`;
  const answers = await desktop.app.evaluate(
    async ({ BrowserWindow }, { preload, script }) => {
      const [ours] = BrowserWindow.getAllWindows();
      const results: string[] = [];
      const strangers = [];
      // The same preload script and even our own address: what counts is that the shell did not open it.
      for (const url of ['app://fleetdeck/', 'data:text/html,stranger']) {
        const stranger = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
        strangers.push(stranger);
        await stranger.loadURL(url);
        stranger.webContents.executeJavaScript(script).then(
          () => results.push(url),
          () => {},
        );
        await stranger.webContents.executeJavaScript('window.asked');
      }
      // Asked after the strangers did and answered, so theirs were looked at before.
      const own = (await ours?.webContents.executeJavaScript(script)) as number;
      for (const stranger of strangers) stranger.destroy();
      return { own, results };
    },
    { preload: `${root}/dist/preload/preload.cjs`, script: ask },
  );
  expect(answers).toEqual({ own: 1, results: [] });
});
