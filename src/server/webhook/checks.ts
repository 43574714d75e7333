import type { JsonObject } from '../../model/json.ts';
import { checkHeaders, whyMisfit } from '../../util/delivery-check.ts';
import { Problem } from '../problem.ts';

/** The headers of a delivery, all of them there and well-formed. */
export interface DeliveryHeaders {
  /** In lower case. */
  readonly id: string;
  readonly event: string;
  /** `sha256=` and 64 hexadecimal digits. */
  readonly signature: string;
}

const SIGNATURE = /^sha256=[0-9a-f]{64}$/;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Refuses a body that is not plain JSON by its headers. @throws a `Problem` */
export function checkContent(headers: Headers): void {
  const type = String(headers['content-type'] ?? '');
  if (!/^application\/json *(;|$)/i.test(type)) {
    throw new Problem('not-json', 'set the content type of the webhook to application/json (content type JSON)');
  }
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Problem('not-json', 'a compressed body is not taken; send plain JSON');
  }
}

/** The headers of a delivery. A header that came twice is one with a comma, which fits none of the patterns. @throws a `Problem` */
export function readDeliveryHeaders(headers: Headers): DeliveryHeaders {
  const event = headers['x-github-event'];
  const id = headers['x-github-delivery'];
  const problem = checkHeaders(event, id);
  if (problem !== null) throw new Problem('bad-delivery', problem);
  const signature = headers['x-hub-signature-256'];
  if (typeof signature === 'string' && SIGNATURE.test(signature)) {
    return { id: String(id).toLowerCase(), event: String(event), signature };
  }
  throw new Problem('bad-signature', 'a header X-Hub-Signature-256 is needed: sha256= and 64 hexadecimal digits');
}

/** Refuses a body that cannot belong to its event: the name of the event is not signed. @throws a `Problem` */
export function checkFit(event: string, payload: JsonObject): void {
  const misfit = whyMisfit(event, payload);
  if (misfit !== null) throw new Problem('bad-delivery', misfit);
}
