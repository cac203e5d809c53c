// Globals of Node that every bundle has: the coders of text. What stays out: what the language itself has and QuickJS lacks,
// and globals that few programs need (bundle.ts); anything asynchronous, since a lane program is synchronous.
import { host } from './host.ts';

/** Labels of the Encoding standard for the one encoding that there is here. */
const labels = ['utf-8', 'utf8', 'unicode-1-1-utf-8', 'unicode11utf8', 'unicode20utf8', 'x-unicode20utf8'];

class Utf8Decoder {
  readonly encoding = 'utf-8';
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
    if (!labels.includes(label.trim().toLowerCase())) host.needsNode(`decodes ${label}`);
    this.fatal = fatal;
    this.ignoreBOM = ignoreBOM;
  }
  decode(bytes?: ArrayBuffer | ArrayBufferView, { stream = false } = {}): string {
    if (stream) host.needsNode('decodes a text in parts');
    if (bytes === undefined) return '';
    const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(bytes) ? bytes : new Uint8Array(bytes);
    const data = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
    const text = host.decode(data);
    if (this.fatal && text.includes('\uFFFD') && !sameBytes(host.encode(text), data)) {
      const error = new TypeError('The encoded data was not valid for encoding utf-8');
      throw Object.assign(error, { code: 'ERR_ENCODING_INVALID_ENCODED_DATA' });
    }
    return this.ignoreBOM ? text : text.replace(/^\uFEFF/, '');
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

class Utf8Encoder {
  readonly encoding = 'utf-8';
  encode(text = ''): Uint8Array {
    return host.encode(text);
  }
  encodeInto(): never {
    return host.needsNode('uses TextEncoder.encodeInto');
  }
}

for (const [name, value] of Object.entries({ TextDecoder: Utf8Decoder, TextEncoder: Utf8Encoder })) {
  Object.defineProperty(value, 'name', { value: name });
  Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
}
