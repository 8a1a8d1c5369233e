/** Routes that belong to no kind: discovery of groups and versions, the server's version, keys of its tokens. */
import { MEDIA_TYPES, META, type Route } from './routes.ts';

/** Definition of what `/version` answers. */
export const VERSION_INFO = 'io.k8s.apimachinery.pkg.version.Info';
const JSON_TYPE = ['application/json'];

/** The one route of such a document: `api`, `apis/apps`, `version`; null when the path names none. */
export function plainRoute(path: string): Route | null {
  const known = KNOWN[path];
  if (known !== undefined) return { ...get(`/${path}/`), ...known };
  return /^apis\/[^/]+$/.test(path)
    ? discovery(path, 'getAPIGroup', 'get information of a group', `${META}.APIGroup`)
    : null;
}

/** Discovery of a group version by its path, `apis/apps/v1`. */
export function resourcesRoute(path: string): Route {
  return discovery(path, 'getAPIResources', 'get available resources', `${META}.APIResourceList`);
}

const get = (path: string): Route => ({
  path,
  method: 'get',
  operation: '',
  description: '',
  parameters: [],
  answers: {},
  consumes: [],
  produces: [],
});

function discovery(path: string, operation: string, description: string, type: string): Route {
  return {
    ...get(`/${path}/`),
    operation,
    description,
    answers: { 200: type },
    consumes: MEDIA_TYPES,
    produces: MEDIA_TYPES,
  };
}

const VERSIONS = 'get available API versions';
const KNOWN: Readonly<Record<string, Partial<Route>>> = {
  api: discovery('api', 'getAPIVersions', VERSIONS, `${META}.APIVersions`),
  apis: discovery('apis', 'getAPIVersions', VERSIONS, `${META}.APIGroupList`),
  version: {
    operation: 'getCodeVersion',
    description: 'get the version information for this server',
    answers: { 200: VERSION_INFO },
    consumes: JSON_TYPE,
    produces: JSON_TYPE,
  },
  '.well-known/openid-configuration': {
    operation: 'getServiceAccountIssuerOpenIDConfiguration',
    description: "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'",
    answers: { 200: 'string' },
    produces: JSON_TYPE,
  },
  'openid/v1/jwks': {
    operation: 'getServiceAccountIssuerOpenIDKeyset',
    description: 'get service account issuer OpenID JSON Web Key Set (contains public token verification keys)',
    answers: { 200: 'string' },
    produces: ['application/jwk-set+json'],
  },
};
