/** What recorded cases are called: their ids are those of the causes that a diagnosis knows. */
import { engine } from '../../app/engine/client.ts';
import { useRead } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';

/** The title of a case by its id; empty until the catalogue is read, and when it is not `wanted`. */
export function useCases(wanted: boolean): (id: string) => string {
  const { language } = useText();
  const { data } = useRead(wanted ? ['diagnosis', 'causes'] : null, (signal) =>
    engine.diagnosis.causes.query(undefined, { signal }),
  );
  return (id) => data?.find((cause) => cause.id === id)?.title[language] ?? '';
}
