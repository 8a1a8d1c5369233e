/** Formats that rules ask for by name: `format.dns1123Label().validate(x)`. Source: "CEL in Kubernetes", format library. */
import { label1035Name, labelName, labelValue, qualifiedName, subdomainName } from '../kinds/validation/meta.ts';
import { isUri, matchesFormat } from './formats.ts';

const named: Readonly<Record<string, (text: string) => string[]>> = {
  dns1123Label: (text) => labelName(text),
  dns1123Subdomain: (text) => subdomainName(text),
  dns1035Label: (text) => label1035Name(text),
  qualifiedName,
  dns1123LabelPrefix: (text) => labelName(text, true),
  dns1123SubdomainPrefix: (text) => subdomainName(text, true),
  dns1035LabelPrefix: (text) => label1035Name(text, true),
  labelValue,
  uri: (text) =>
    isUri(text) ? [] : [`parse ${JSON.stringify(text)}: ${text === '' ? 'empty url' : 'invalid URI for request'}`],
  uuid: (text) => (matchesFormat(text, 'uuid') ? [] : ['does not match the UUID format']),
  byte: (text) => (matchesFormat(text, 'byte') ? [] : ['invalid base64']),
  date: (text) => (matchesFormat(text, 'date') ? [] : ['invalid date']),
  datetime: (text) => (matchesFormat(text, 'datetime') ? [] : ['invalid datetime']),
};

export const namedFormatNames: readonly string[] = Object.keys(named);

/** Complaints about a text; `name` is one of `namedFormatNames`. */
export function namedFormat(name: string, text: string): string[] {
  return named[name]?.(text) ?? [];
}
