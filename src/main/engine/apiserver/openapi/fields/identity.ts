/** Fields of the types of authentication.k8s.io, authorization.k8s.io and certificates.k8s.io, v1. The notation is explained in ../fields.ts. */

export const authentication = `
@TokenReview|metadata 1 meta.ObjectMeta ?|spec 2 TokenReviewSpec !|status 3 TokenReviewStatus ?
TokenReviewSpec|token 1 string ? !|audiences 2 []string ? l=:atomic
TokenReviewStatus|authenticated 1 bool ?|user 2 UserInfo ?|audiences 4 []string ? l=:atomic|error 3 string ?
UserInfo|username 1 string ?|uid 2 string ?|groups 3 []string ? l=:atomic|extra 4 map:strings ? t=ExtraValue
@TokenRequest|metadata 1 meta.ObjectMeta ?|spec 2 TokenRequestSpec|status 3 TokenRequestStatus ?
TokenRequestSpec|audiences 1 []string l=:atomic|expirationSeconds 4 *int64|boundObjectRef 3 *BoundObjectReference
TokenRequestStatus|token 1 string|expirationTimestamp 2 Time
BoundObjectReference|kind 1 string ?|apiVersion 2 string ?|name 3 string ?|uid 4 string ? t=types.UID
@SelfSubjectReview|metadata 1 meta.ObjectMeta ?|status 2 SelfSubjectReviewStatus ?
SelfSubjectReviewStatus|userInfo 1 UserInfo ?
`;

export const authorization = `
@SubjectAccessReview|metadata 1 meta.ObjectMeta ?|spec 2 SubjectAccessReviewSpec !|status 3 SubjectAccessReviewStatus ?
@SelfSubjectAccessReview|metadata 1 meta.ObjectMeta ?|spec 2 SelfSubjectAccessReviewSpec !|status 3 SubjectAccessReviewStatus ?
@LocalSubjectAccessReview|metadata 1 meta.ObjectMeta ?|spec 2 SubjectAccessReviewSpec !|status 3 SubjectAccessReviewStatus ?
ResourceAttributes|namespace 1 string ?|verb 2 string ?|group 3 string ?|version 4 string ?|resource 5 string ?|subresource 6 string ?|name 7 string ?|fieldSelector 8 *FieldSelectorAttributes ?|labelSelector 9 *LabelSelectorAttributes ?
LabelSelectorAttributes|rawSelector 1 string ?|requirements 2 []meta.LabelSelectorRequirement ? l=:atomic
FieldSelectorAttributes|rawSelector 1 string ?|requirements 2 []meta.FieldSelectorRequirement ? l=:atomic
NonResourceAttributes|path 1 string ?|verb 2 string ?
SubjectAccessReviewSpec|resourceAttributes 1 *ResourceAttributes ?|nonResourceAttributes 2 *NonResourceAttributes ?|user 3 string ?|groups 4 []string ? l=:atomic|extra 5 map:strings ? t=ExtraValue|uid 6 string ?
SelfSubjectAccessReviewSpec|resourceAttributes 1 *ResourceAttributes ?|nonResourceAttributes 2 *NonResourceAttributes ?
SubjectAccessReviewStatus|allowed 1 bool !|denied 4 bool ?|reason 2 string ?|evaluationError 3 string ?
@SelfSubjectRulesReview|metadata 1 meta.ObjectMeta ?|spec 2 SelfSubjectRulesReviewSpec !|status 3 SubjectRulesReviewStatus ?
SelfSubjectRulesReviewSpec|namespace 1 string ?
SubjectRulesReviewStatus|resourceRules 1 []ResourceRule ! l=:atomic|nonResourceRules 2 []NonResourceRule ! l=:atomic|incomplete 3 bool !|evaluationError 4 string ?
ResourceRule|verbs 1 []string ! l=:atomic|apiGroups 2 []string ? l=:atomic|resources 3 []string ? l=:atomic|resourceNames 4 []string ? l=:atomic
NonResourceRule|verbs 1 []string ! l=:atomic|nonResourceURLs 2 []string ? l=:atomic
`;

export const certificates = `
@CertificateSigningRequest|metadata 1 meta.ObjectMeta ?|spec 2 CertificateSigningRequestSpec !|status 3 CertificateSigningRequestStatus ?
CertificateSigningRequestSpec|request 1 bytes !|signerName 7 string !|expirationSeconds 8 *int32 ?|usages 5 []string ? l=:atomic t=KeyUsage|username 2 string ?|uid 3 string ?|groups 4 []string ? l=:atomic|extra 6 map:strings ? t=ExtraValue
CertificateSigningRequestStatus|conditions 1 []CertificateSigningRequestCondition ? l=type|certificate 2 bytes ?
CertificateSigningRequestCondition|type 1 string ! t=RequestConditionType|status 6 string ! t=ConditionStatus|reason 2 string ?|message 3 string ?|lastUpdateTime 4 Time ?|lastTransitionTime 5 Time ?
`;
