// What QuickJS of 2021 lacks of the language and lane programs may use: methods of ES2022 and later, by core-js; and of Node's
// globals the coders of text. What stays out: those that few programs need (bundle.ts puts them in where they are named), and
// anything asynchronous: a lane program is synchronous.
import 'core-js/actual/array/at.js';
import 'core-js/actual/array/find-last.js';
import 'core-js/actual/array/find-last-index.js';
import 'core-js/actual/array/to-reversed.js';
import 'core-js/actual/array/to-sorted.js';
import 'core-js/actual/array/to-spliced.js';
import 'core-js/actual/array/with.js';
import 'core-js/actual/map/group-by.js';
import 'core-js/actual/object/group-by.js';
import 'core-js/actual/object/has-own.js';
import 'core-js/actual/string/at.js';
import 'core-js/actual/typed-array/at.js';
import 'core-js/actual/typed-array/to-sorted.js';
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
