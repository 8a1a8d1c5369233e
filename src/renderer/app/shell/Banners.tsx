/** What concerns every page: the engine is away, or secrets are protected by a key file only. */
import { useEffect, useState } from 'react';
import { useConnection } from '../../stores/connection.ts';
import { useFrame } from '../../stores/frame.ts';
import { useText } from '../../stores/text.ts';
import { Alert, Button } from '../../ui/controls.ts';
import { useSystemInfo } from '../engine/hooks.ts';
import { knownToHost } from '../engine/session.ts';

/** A first connection that takes longer than this is worth a word. */
const SILENCE_MS = 1_500;

export function Banners() {
  return (
    <>
      <ConnectionBanner />
      <KeyFileBanner />
    </>
  );
}

function ConnectionBanner() {
  const { t, dateTime } = useText();
  const { status, since, attempts } = useConnection();
  const [signedOut, setSignedOut] = useState(false);
  const [patient, setPatient] = useState(true);
  useEffect(() => {
    setPatient(true);
    if (status === 'open') return setSignedOut(false);
    const timer = setTimeout(() => setPatient(false), SILENCE_MS);
    return () => clearTimeout(timer);
  }, [status]);
  useEffect(() => {
    if (status === 'open' || attempts < 2) return;
    let current = true;
    void knownToHost().then((known) => {
      if (current) setSignedOut(known === false);
    });
    return () => {
      current = false;
    };
  }, [status, attempts]);
  if (status === 'open') return null;
  if (signedOut) return <Alert banner type="error" data-testid="signed-out" title={t('shell.connection.signedOut')} />;
  if (status === 'lost')
    return (
      <Alert
        banner
        type="warning"
        data-testid="engine-lost"
        title={t('shell.connection.lostBanner', { time: dateTime(since) })}
      />
    );
  return patient ? null : (
    <Alert banner type="warning" data-testid="engine-silent" title={t('shell.connection.firstFailed')} />
  );
}

function KeyFileBanner() {
  const { t } = useText();
  const info = useSystemInfo().data;
  const read = useFrame((state) => state.keyFileNoticeRead);
  const markRead = useFrame((state) => state.readKeyFileNotice);
  if (info === undefined || info.secrets.backend !== 'keyFile' || info.demo || read) return null;
  return (
    <Alert
      banner
      type="info"
      data-testid="key-file-notice"
      title={
        <>
          <strong>{t('shell.secrets.keyFileBannerTitle')}</strong>{' '}
          {t(info.host === 'electron' ? 'shell.secrets.keyFileBannerDesktop' : 'shell.secrets.keyFileBanner')}
        </>
      }
      action={
        <Button onClick={markRead} data-testid="key-file-notice-read">
          {t('shell.secrets.understood')}
        </Button>
      }
    />
  );
}
