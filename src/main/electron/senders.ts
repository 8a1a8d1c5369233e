/** Whether a message comes from a page of ours: the main frame, of a window we opened, showing our origin. */
import type { WebContents, WebFrameMain } from 'electron';
import { isOurs } from './url-gate.ts';

/** Ids of the pages of our windows; one that is destroyed is no longer trusted. */
const trusted = new Set<number>();

export function trust(contents: WebContents): void {
  const { id } = contents;
  trusted.add(id);
  contents.once('destroyed', () => trusted.delete(id));
}

/** What of an IPC event the decision rests on. */
export interface SenderEvent {
  sender: Pick<WebContents, 'id' | 'mainFrame'>;
  senderFrame: WebFrameMain | null;
}

export function isTrusted({ sender, senderFrame }: SenderEvent): boolean {
  return (
    trusted.has(sender.id) &&
    senderFrame !== null &&
    senderFrame === sender.mainFrame &&
    isOurs(`${senderFrame.origin}/`)
  );
}
