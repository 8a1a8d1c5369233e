export default function P(_: { openId?: string | undefined; id?: string; tab?: string | undefined }) {
  return null;
}
