/** Rules for the names a person gives, shared by the contract and by the forms that check while one types. Pure. */

/** Lower-case letters, digits and `-`, a letter first, a letter or digit last, 1-40 characters: a valid DNS label (RFC 1123). */
export const clusterNamePattern = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/;

/** A letter (Latin or Chinese) first, then letters, digits, `-` and `_`, at most 39 characters. */
export const fleetNamePattern = /^[A-Za-z\u4e00-\u9fff][\w\u4e00-\u9fff-]{0,38}$/;

/** 4-40 characters, a letter first, letters, digits and `-`, a letter or digit last. */
export const federationNamePattern = /^[A-Za-z][A-Za-z0-9-]{2,38}[A-Za-z0-9]$/;

/** A Kubernetes object name that is also a DNS label: what Deployments, Services and namespaces should use. */
export const objectNamePattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
