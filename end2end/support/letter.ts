/** Parses an .eml file into the parts that a person sees: recipient, subject, text, code and link. */

export interface Letter {
  to: string;
  subject: string;
  text: string;
  /** Six digits, without a space between them. */
  code?: string;
  link?: string;
}

export function parseLetter(eml: string): Letter {
  const { headers, body } = split(eml);
  const text = firstText(headers, body);
  return {
    to: address(headers.get('to') ?? ''),
    subject: headers.get('subject') ?? '',
    text,
    code: text
      .match(/(?<!\d)(\d{3})[ \u00a0]?(\d{3})(?!\d)/)
      ?.slice(1, 3)
      .join(''),
    link: text.match(/https?:\/\/[^\s<>"]+/)?.[0],
  };
}

type Headers = Map<string, string>;

function split(entity: string): { headers: Headers; body: string } {
  const [head, ...rest] = entity.replace(/\r\n/g, '\n').split('\n\n');
  const unfolded = head.replace(/\n[ \t]+/g, ' ').split('\n');
  const pairs = unfolded.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 1).trim(),
  ]);
  return { headers: new Map(pairs as [string, string][]), body: rest.join('\n\n') };
}

/** The first text/plain part, however deep the multiparts are nested. */
function firstText(headers: Headers, body: string): string {
  const type = headers.get('content-type') ?? 'text/plain';
  const boundary = type.match(/boundary="?([^";]+)"?/i)?.[1];
  if (!boundary)
    return /^text\/plain/i.test(type) ? decode(body, headers.get('content-transfer-encoding') ?? '7bit') : '';
  const parts = body
    .split(`--${boundary}`)
    .slice(1)
    .filter((part) => !part.startsWith('--'));
  for (const part of parts) {
    const entity = split(part.replace(/^\r?\n/, ''));
    const text = firstText(entity.headers, entity.body);
    if (text) return text;
  }
  return '';
}

function decode(body: string, encoding: string): string {
  switch (encoding.toLowerCase()) {
    case 'quoted-printable': {
      const joined = body.replace(/[ \t]+$/gm, '').replace(/=\n/g, '');
      const bytes = joined.replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
      return Buffer.from(bytes, 'latin1').toString('utf8');
    }
    case 'base64':
      return Buffer.from(body, 'base64').toString('utf8');
    default:
      return body;
  }
}

function address(header: string): string {
  return (header.match(/<([^>]+)>/)?.[1] ?? header).trim().toLowerCase();
}
