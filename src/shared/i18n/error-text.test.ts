import { expect, test } from 'vitest';
import { errorText } from './index.ts';

test.each(['en', 'zh'] as const)('a situation with a remedy of its own says what happened, too (%s)', (language) => {
  const plain = { code: 'CONFLICT' as const, message: 'as prod', retryable: false };
  const known = { ...plain, hint: 'hints.clusterRegistered' };
  expect(errorText(language, known).title).not.toBe(errorText(language, plain).title);
  expect(errorText(language, { ...known, cluster: 'prod' }).title).toContain(errorText(language, known).title);
  // Most remedies fit what the code says.
  expect(errorText(language, { ...plain, hint: 'hints.deletionProtection' }).title).toBe(
    errorText(language, plain).title,
  );
});
