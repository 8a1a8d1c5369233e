/** One cause: sentence, the chain that leads to it, evidence, and what to do. */
import { useState } from 'react';
import type { DiagnosisFinding, DiagnosisReport } from '#shared/contract/diagnosis.ts';
import { useText } from '../../stores/text.ts';
import { CopyBlock } from '../../ui/CopyText.tsx';
import { Button } from '../../ui/controls.ts';
import { EvidenceList, ObjectLink } from './look.tsx';
import { PatchDialog } from './PatchDialog.tsx';

export function FindingView({ report, index }: { report: DiagnosisReport; index: number }) {
  const { t, language } = useText();
  const [patching, setPatching] = useState(false);
  const finding = report.findings[index] as DiagnosisFinding;
  const { chain, evidence, remedy, commands, patch, references, others } = finding;
  return (
    <div className="stack diagnosis-finding" data-testid="finding" data-cause={finding.cause}>
      {chain.length > 1 && (
        <section>
          <h3>{t('diagnosis.chain')}</h3>
          <ol className="diagnosis-chain" data-testid="finding-chain">
            {chain.map((link, depth) => (
              <li
                key={`${link.cause}/${link.object.kind}/${link.object.name}`}
                style={{ marginInlineStart: depth * 18 }}
              >
                <ObjectLink clusterId={report.clusterId} object={link.object} />
                <div>{link.sentence[language]}</div>
              </li>
            ))}
          </ol>
        </section>
      )}
      <section>
        <h3>{t('diagnosis.remedy')}</h3>
        <p data-testid="finding-remedy">{remedy[language]}</p>
        {commands.length > 0 && <CopyBlock text={commands.join('\n')} testId="finding-commands" />}
        {patch !== null && (
          <div className="row">
            <Button onClick={() => setPatching(true)} data-testid="finding-patch">
              {t('diagnosis.tryPatch')}
            </Button>
          </div>
        )}
        {references.length > 0 && (
          <p className="muted">
            {references.map((reference) =>
              /^https:\/\//.test(reference) ? (
                <a key={reference} href={reference} target="_blank" rel="noreferrer noopener">
                  {reference}
                </a>
              ) : (
                <span key={reference}>{reference} </span>
              ),
            )}
          </p>
        )}
      </section>
      <section>
        <h3>{t('diagnosis.evidence')}</h3>
        <EvidenceList evidence={evidence} about={finding.object} />
      </section>
      {others.length > 0 && (
        <section>
          <h3>{t('diagnosis.alsoAt')}</h3>
          <ul className="row wrap" data-testid="finding-others">
            {others.map((other) => (
              <li key={`${other.kind}/${other.namespace}/${other.name}`}>
                <ObjectLink clusterId={report.clusterId} object={other} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {patch !== null && (
        <PatchDialog open={patching} report={report} index={index} onClose={() => setPatching(false)} />
      )}
    </div>
  );
}
