/**
 * The ways common tools write a text inside JSON, HTML, a URL or a shell line, one per differing escape rule; a text that
 * needs no escaping comes out unchanged from all of them.
 */
export function escapesOf(text: string): string[] {
  return [...jsonEscapes(text), ...htmlEscapes(text), ...shellEscapes(text), ...urlEscapes(text)];
}

/** Plain, with `\/` (PHP), ASCII only (Python), and safe inside HTML (Go). */
function jsonEscapes(text: string): string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  const ascii = plain.replace(/[^\0-\x7f]/g, unicodeEscape);
  return [plain, plain.replaceAll('/', '\\/'), ascii, plain.replace(/[<>&\u2028\u2029]/g, unicodeEscape)];
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Text nodes escape three characters; attributes also quotes, which libraries spell in different ways. */
function htmlEscapes(text: string): string[] {
  const node = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const quoted = (double: string, single: string) => node.replaceAll('"', double).replaceAll("'", single);
  const handlebars = quoted('&quot;', '&#x27;').replaceAll('`', '&#x60;').replaceAll('=', '&#x3D;');
  return [
    node,
    node.replaceAll('"', '&quot;'),
    quoted('&quot;', '&#39;'),
    quoted('&#34;', '&#39;'),
    quoted('&quot;', '&#x27;'),
    handlebars,
  ];
}

/** Inside single quotes (two ways), double quotes, `$'…'`, and with a backslash before each special character (`%q`). */
function shellEscapes(text: string): string[] {
  const ansi = text.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
  return [
    text.replaceAll("'", "'\\''"),
    text.replaceAll("'", `'"'"'`),
    text.replace(/[\\"$`]/g, '\\$&'),
    ansi,
    text.replace(/[^\w%+,\-./:=@\u0080-\uffff\n]/g, '\\$&'),
  ];
}

/** Percent-encoding with the sets of characters that encoders leave alone, both cases of the digits, `+` for a space. */
function urlEscapes(text: string): string[] {
  const bytes = Buffer.from(text);
  return URL_SAFE.flatMap((safe) => {
    const upper = percentEncoded(bytes, safe);
    const both = [upper, upper.replace(/%../g, (code) => code.toLowerCase())];
    return [...both, ...both.map((encoded) => encoded.replaceAll('%20', '+'))];
  });
}

/** RFC 3986 unreserved; that and `/`; `encodeURIComponent`; `encodeURI`; HTML forms. */
const URL_SAFE = [/[\w.~-]/, /[\w.~/-]/, /[\w.~!'()*-]/, /[\w.~!'()*;/?:@&=+$,#-]/, /[\w.*-]/];

function percentEncoded(bytes: Uint8Array, safe: RegExp): string {
  let encoded = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    const plain = byte < 0x80 && safe.test(character);
    encoded += plain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
