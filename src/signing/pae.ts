// DSSE, the envelope of decision certificates (protocol 7.2): its Pre-Authentication Encoding, which is what is
// signed, and the envelope's shape. https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
import { concat, utf8 } from './bytes.ts';

export const IN_TOTO_PAYLOAD_TYPE = 'application/vnd.in-toto+json';

export interface EnvelopeSignature {
  readonly keyid: string;
  /** base64 */
  readonly sig: string;
}

export interface Envelope {
  /** base64 of the payload, byte for byte as it was signed */
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly EnvelopeSignature[];
}

/** `"DSSEv1" SP len(type) SP type SP len(payload) SP payload`, lengths in bytes, in ASCII decimals. */
export function pae(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = utf8(payloadType);
  return concat(utf8(`DSSEv1 ${type.length} `), type, utf8(` ${payload.length} `), payload);
}
