/** The SHA-256 of a text's UTF-8 bytes, in lower-case hex. node:crypto is loaded when it is first asked for. */
export function sha256(text: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(text).digest('hex');
}
