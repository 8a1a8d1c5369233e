/** Answers of webhooks that are none, in the real server's words. */
import { expect, test } from 'vitest';
import { refusalOf } from './refusal.ts';

const JSON_TYPE = 'application/json';
const failure = JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'boom', code: 500 });

test.each<[number, string, string, string]>([
  [500, JSON_TYPE, failure, 'boom'],
  [503, JSON_TYPE, 'busy', 'the server is currently unable to handle the request'],
  [500, JSON_TYPE, 'busy', 'an error on the server ("unknown") has prevented the request from succeeding'],
  [
    502,
    'text/plain',
    'bad "gate"\n',
    'an error on the server ("bad \\"gate\\"") has prevented the request from succeeding',
  ],
  [404, 'text/html', '<p>', 'the server could not find the requested resource'],
  [403, 'text/plain', 'not you', 'not you'],
  [406, '', '', 'the server was unable to respond with a content type that the client supports'],
  [418, 'text/plain', 'tea', 'the server responded with the status code 418 but did not return more information'],
  [422, JSON_TYPE, '{"status":"Success"}', 'the server rejected our request due to an error in our request'],
])('%i of %s saying %j', (status, contentType, text, words) => {
  expect(refusalOf({ status, contentType, text })).toBe(words);
});
