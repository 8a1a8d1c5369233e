/**
 * What a webhook's answer says when it is none: the words of the real server's client for a status of HTTP, or those of
 * the Status that came with it. Source: apimachinery, NewGenericServerResponse; client-go, Result.Error.
 */
import { isRecord } from '../json.ts';

export interface HttpAnswer {
  status: number;
  contentType: string;
  text: string;
  /** What else of the head counts. */
  headers?: { location?: string | undefined; 'retry-after'?: string | undefined };
}

const WORDS: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

/** `answer.status` is none of success. */
export function refusalOf(answer: HttpAnswer): string {
  return statusMessage(answer) ?? wordsOf(answer);
}

/** A Status that tells of a failure says it better than its number. */
function statusMessage({ text }: HttpAnswer): string | null {
  try {
    const value: unknown = JSON.parse(text);
    const isStatus = isRecord(value) && (value.kind ?? 'Status') === 'Status' && value.status === 'Failure';
    return isStatus ? String(value.message ?? '') : null;
  } catch {
    return null;
  }
}

function wordsOf(answer: HttpAnswer): string {
  const { status } = answer;
  const known = WORDS[status];
  if (known !== undefined) return known;
  const said = saidBy(answer);
  if (status === 403 || status === 415) return said;
  if (status === 406 && said === 'unknown')
    return 'the server was unable to respond with a content type that the client supports';
  if (status === 406) return said;
  return status >= 500
    ? `an error on the server (${JSON.stringify(said)}) has prevented the request from succeeding`
    : `the server responded with the status code ${status} but did not return more information`;
}

/** What is no text says nothing to a person. */
function saidBy({ contentType, text }: HttpAnswer): string {
  return contentType === '' || contentType.startsWith('text/') ? text.trim().slice(0, 200) || 'unknown' : 'unknown';
}
