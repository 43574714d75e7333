import {
  type CipherGCM,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type DecipherGCM,
  type Hmac,
  hash,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

/** Bytes of the secret that a vault is made from. */
export const VAULT_SECRET_BYTES = 32;

/** Bytes that sealing puts before and after a text. */
export const NONCE_BYTES = 12;
/** See `NONCE_BYTES`. */
export const TAG_BYTES = 16;

const ALGORITHM = 'aes-256-gcm';

/**
 * Seals bytes so that nobody without the secret can read them (AES-256-GCM) and no change of them goes unnoticed, and makes
 * fingerprints (SHA-256, keyed) that tell nothing about what they were made of.
 */
export class Vault {
  readonly #sealing: KeyObject;
  readonly #marking: KeyObject;
  /** Another one for texts. */
  readonly #naming: string;
  readonly #nonces = new Nonces();

  /** Each purpose gets a key of its own. `secret` is `VAULT_SECRET_BYTES` long. */
  constructor(secret: Uint8Array) {
    const derive = (purpose: string) => createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', purpose, 32)));
    this.#sealing = derive('runner seal');
    this.#marking = derive('runner content');
    this.#naming = derive('runner text').export().toString('hex');
  }

  /** The bytes, in one piece or several, sealed for one place: they can only be opened with the same label. */
  seal(plain: Uint8Array | readonly Uint8Array[], label: Uint8Array): Uint8Array {
    const nonce = this.#nonces.next();
    const cipher = this.cipher(nonce).setAAD(label);
    const pieces = plain instanceof Uint8Array ? [plain] : plain;
    const sealed = pieces.map((piece) => cipher.update(piece));
    return Buffer.concat([nonce, ...sealed, cipher.final(), cipher.getAuthTag()]);
  }

  /** What was sealed, or null when it was changed, was sealed for another place, or with another secret. */
  open(sealed: Uint8Array, label: Uint8Array): Uint8Array | null {
    if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
    const decipher = this.decipher(sealed.subarray(0, NONCE_BYTES)).setAAD(label);
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      const plain = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
      // Nothing comes any more, only the check.
      decipher.final();
      return plain;
    } catch {
      return null;
    }
  }

  /** A fingerprint of a text in lower-case hex: equal for equal texts only. Keyed twice (NMAC), which is quicker than HMAC here. */
  fingerprint(text: string): string {
    return hash('sha256', this.#naming + hash('sha256', this.#naming + text));
  }

  /** A fingerprint of content, to be made piece by piece. */
  marker(): Hmac {
    return createHmac('sha256', this.#marking);
  }

  /** For content too large to seal in one piece. A nonce must never be used twice. */
  cipher(nonce: Uint8Array): CipherGCM {
    return createCipheriv(ALGORITHM, this.#sealing, nonce, { authTagLength: TAG_BYTES });
  }

  /** The other way of `cipher`. What it gives out can be trusted only after `final`. */
  decipher(nonce: Uint8Array): DecipherGCM {
    return createDecipheriv(ALGORITHM, this.#sealing, nonce, { authTagLength: TAG_BYTES });
  }
}

/** Random nonces, each given out once; many are drawn at a time, because drawing costs more than sealing. */
class Nonces {
  #drawn = Buffer.alloc(0);

  next(): Uint8Array {
    if (this.#drawn.length === 0) this.#drawn = randomBytes(1024 * NONCE_BYTES);
    const nonce = this.#drawn.subarray(0, NONCE_BYTES);
    this.#drawn = this.#drawn.subarray(NONCE_BYTES);
    return nonce;
  }
}
