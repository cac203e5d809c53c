// Globals of Node that every bundle has: the coders of text. What stays out: what the language itself has and QuickJS lacks,
// and globals that few programs need (bundle.ts); anything asynchronous, since a lane program is synchronous.
import { host } from './host.ts';

class Utf8Decoder {
  readonly encoding = 'utf-8';
  decode(bytes: Uint8Array): string {
    return host.decode(bytes).replace(/^\uFEFF/, '');
  }
}

class Utf8Encoder {
  readonly encoding = 'utf-8';
  encode(text: string): Uint8Array {
    return host.encode(text);
  }
}

Object.assign(globalThis, {
  TextDecoder: Utf8Decoder,
  TextEncoder: Utf8Encoder,
});
