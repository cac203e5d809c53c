// The global URL in the native host: for programs that name modules.
import 'core-js/web/url.js';

const { URL } = globalThis;
export { URL };
