/** What a page hands to the person as a file: the page itself as PDF, where they say. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { app, BrowserWindow, dialog, type WebContents } from 'electron';

export async function savePdf(contents: WebContents, name: string): Promise<void> {
  // First, because the page is as it shall be only now.
  const bytes = await contents.printToPDF({
    pageSize: 'A4',
    printBackground: true,
    margins: { top: 0.5, bottom: 0.5, left: 0.5, right: 0.5 },
  });
  const window = BrowserWindow.fromWebContents(contents);
  const options = {
    // The name comes from a page: it may name a file, not a place.
    defaultPath: path.join(app.getPath('documents'), `${path.basename(name)}.pdf`),
    filters: [{ name: 'PDF', extensions: ['pdf'] }],
  };
  const answer = await (window === null ? dialog.showSaveDialog(options) : dialog.showSaveDialog(window, options));
  if (!answer.canceled) await writeFile(answer.filePath, bytes);
}
