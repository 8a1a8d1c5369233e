/** A report as a file, in the language of the interface. */
import type { InspectionRun } from '#shared/contract/inspection.ts';
import { EXPORT_FORMATS } from '#shared/inspection.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { Button, Dropdown } from '../../ui/controls.ts';
import { printPage, saveFile, savesPdf } from '../../ui/files.ts';
import { DownloadIcon } from '../../ui/icons.ts';
import { useNotify } from '../../ui/notify.ts';

export function ExportMenu({ run }: { run: InspectionRun }) {
  const { t, language } = useText();
  const notify = useNotify();
  const make = useAction(async (choice: (typeof EXPORT_FORMATS)[number] | 'print') => {
    const format = choice === 'print' ? 'html' : choice;
    const file = await engine.inspection.export.query({ id: run.id, format, language });
    if (choice === 'print') await printPage(file);
    else {
      saveFile(file);
      notify.success(t('inspection.export.saved', { name: file.name }));
    }
  });
  return (
    <>
      {make.error !== null && <span className="text-error">{make.error.message}</span>}
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            ...EXPORT_FORMATS.map((format) => ({
              key: format as string,
              label: <span data-testid={`export-${format}`}>{t(`inspection.export.${format}`)}</span>,
            })),
            { type: 'divider' as const },
            {
              key: 'print',
              label: (
                <span data-testid="export-print">
                  {savesPdf() ? t('inspection.export.pdf') : t('inspection.export.print')}
                </span>
              ),
            },
          ],
          onClick: ({ key }) => void make.run(key as (typeof EXPORT_FORMATS)[number] | 'print'),
        }}
      >
        <Button icon={<DownloadIcon />} loading={make.pending} data-testid="export">
          {t('inspection.export.action')}
        </Button>
      </Dropdown>
    </>
  );
}
