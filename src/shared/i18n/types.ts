/** Types of the text catalogues: English is the pattern, Chinese must have exactly the same keys. Pure types, no code. */

export interface Catalogue {
  readonly [key: string]: string | Catalogue;
}

/**
 * What a translation of catalogue `T` must look like: the same keys, other texts. Languages without a singular form
 * leave out the `_one` variants (i18next plural suffixes).
 */
export type Translation<T> = {
  readonly [K in keyof T as K extends `${string}_one` ? never : K]: T[K] extends string ? string : Translation<T[K]>;
};

type WithoutPlural<K extends string> = K extends `${infer Base}_one`
  ? Base
  : K extends `${infer Base}_other`
    ? Base
    : K;

/** Every key of catalogue `T` in dotted form; plural suffixes are not part of a key. */
export type KeyOf<T> = {
  [K in keyof T & string]: T[K] extends string ? WithoutPlural<K> : `${K}.${KeyOf<T[K]>}`;
}[keyof T & string];

export type TextParams = Readonly<Record<string, string | number>>;
