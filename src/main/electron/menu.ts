/** The application menu, in the person's language: what the platform expects, and nothing that opens a page. */
import { Menu, type MenuItemConstructorOptions } from 'electron';
import { type Language, translate } from '#shared/i18n/index.ts';

type Role = NonNullable<MenuItemConstructorOptions['role']>;
type Label = Parameters<typeof translate>[1] extends infer K
  ? K extends `host.desktop.${infer L}`
    ? L
    : never
  : never;

export function setMenu(language: Language, platform: NodeJS.Platform): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(template(language, platform)));
}

export function template(language: Language, platform: NodeJS.Platform): MenuItemConstructorOptions[] {
  const text = (label: Label): string => translate(language, `host.desktop.${label}`);
  const item = (role: Role, label: Label): MenuItemConstructorOptions => ({ role, label: text(label) });
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  const edit = [
    item('undo', 'undo'),
    item('redo', 'redo'),
    separator,
    item('cut', 'cut'),
    item('copy', 'copy'),
    item('paste', 'paste'),
    item('selectAll', 'selectAll'),
  ];
  const view = [
    item('reload', 'reload'),
    separator,
    item('resetZoom', 'zoomReset'),
    item('zoomIn', 'zoomIn'),
    item('zoomOut', 'zoomOut'),
    separator,
    item('togglefullscreen', 'fullScreen'),
  ];
  return [
    { label: platform === 'darwin' ? 'Fleetdeck' : text('file'), submenu: [item('quit', 'quit')] },
    { label: text('edit'), submenu: edit },
    { label: text('view'), submenu: view },
    { label: text('window'), submenu: [item('minimize', 'minimize'), item('close', 'close')] },
  ];
}
