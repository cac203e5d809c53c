// Where QuickJS of 2021 differs from Node in what a program can see, and no JavaScript can mend it: its source is changed at these
// places before it is compiled. What Node alone can say ends the process (host.c, needsNode). What stays out: what JavaScript can
// mend (language.ts), and QuickJS itself, which is as it was published.

import type { Fix } from './quickjs-fix.ts';
import { regularExpressions } from './quickjs-regexp-fixes.ts';
import { characters, letters } from './quickjs-unicode-fixes.ts';

const declarations = `
/* host.c */
void lockstepNeedsNode(const char *what);
void lockstepHideMessage(JSContext *ctx, JSValueConst error, JSValue text);
int lockstepHidStack(JSContext *ctx, JSValueConst error);
int lockstepIsJson(const char *text, size_t bytes);
int lockstepIsIsoDate(const char *text);
/* libunicode.c */
int lockstep_case_is_younger(uint32_t c);
int lockstep_may_be_letter(uint32_t c);
`;

const engine: readonly Fix[] = [
  { was: '#include "libregexp.h"\n', now: `#include "libregexp.h"\n${declarations}` },
  // Integers of twenty digits and more were cut off after nineteen. Below sixteen the quick way is exact.
  { was: 'if (!is_float || radix != 10) {', now: 'if (radix != 10 || (!is_float && strlen(p) < 16)) {' },
  // In other radices V8 rounds in its own way what no double holds.
  {
    was: '        d = n;\n        if (int_exp != 0) {\n',
    now:
      '        d = n;\n        if (int_exp != 0 || n > ((uint64_t)1 << 53))\n' +
      '            lockstepNeedsNode("reads a number beyond 2^53 in another radix than ten");\n' +
      '        if (int_exp != 0) {\n',
  },
  // `1.`, `-01`, `"\\x41"` were taken for JSON.
  {
    was: '    s->ext_json = ((flags & JS_PARSE_JSON_EXT) != 0);\n',
    now:
      '    s->ext_json = ((flags & JS_PARSE_JSON_EXT) != 0);\n' +
      '    if (!s->ext_json && !lockstepIsJson(buf, buf_len)) {\n' +
      '        JS_ThrowSyntaxError(ctx, "the text is no JSON");\n        return JS_EXCEPTION;\n    }\n',
  },
  // The words of errors that QuickJS makes itself, and the stacks of all.
  {
    was: `        JS_DefinePropertyValue(ctx, obj, JS_ATOM_message,
                               JS_NewString(ctx, buf),
                               JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
    }
    if (add_backtrace) {`,
    now: `        if (error_num == JS_INTERNAL_ERROR) {
            if (strcmp(buf, "out of memory"))
                lockstepNeedsNode(buf);
            JS_DefinePropertyValue(ctx, obj, JS_ATOM_message,
                                   JS_NewString(ctx, buf),
                                   JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
        } else {
            lockstepHideMessage(ctx, obj, JS_NewString(ctx, buf));
        }
    }
    if (add_backtrace) {`,
  },
  {
    was: '    BOOL backtrace_barrier;\n    \n    js_dbuf_init(ctx, &dbuf);\n',
    now:
      '    BOOL backtrace_barrier;\n    \n    if (lockstepHidStack(ctx, error_obj))\n        return;\n' +
      '    js_dbuf_init(ctx, &dbuf);\n',
  },
  {
    was: `        str = JS_NewString(ctx, filename);
        JS_DefinePropertyValue(ctx, error_obj, JS_ATOM_fileName, str,
                               JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
        JS_DefinePropertyValue(ctx, error_obj, JS_ATOM_lineNumber, JS_NewInt32(ctx, line_num),
                               JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
`,
    now: '',
  },
  // `new Error(message, { cause })`, and the order of an error's properties.
  {
    was: `    if (!JS_IsUndefined(message)) {
        msg = JS_ToString(ctx, message);`,
    now: `    /* skip the Error() function in the backtrace */
    build_backtrace(ctx, obj, NULL, 0, JS_BACKTRACE_FLAG_SKIP_FIRST_LEVEL);
    if (!JS_IsUndefined(message)) {
        msg = JS_ToString(ctx, message);`,
  },
  {
    was: `    if (magic == JS_AGGREGATE_ERROR) {
        JSValue error_list = iterator_to_array(ctx, argv[0]);`,
    now: `    {
        int at = magic == JS_AGGREGATE_ERROR ? 2 : 1;
        JSAtom atom = JS_NewAtom(ctx, "cause");
        int has = at < argc && JS_IsObject(argv[at]) ? JS_HasProperty(ctx, argv[at], atom) : 0;
        JSValue cause = has > 0 ? JS_GetProperty(ctx, argv[at], atom) : JS_UNDEFINED;
        if (has > 0 && !JS_IsException(cause))
            JS_DefinePropertyValue(ctx, obj, atom, cause, JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
        JS_FreeAtom(ctx, atom);
        if (has < 0 || JS_IsException(cause))
            goto exception;
    }

    if (magic == JS_AGGREGATE_ERROR) {
        JSValue error_list = iterator_to_array(ctx, argv[0]);`,
  },
  {
    was: `    /* skip the Error() function in the backtrace */
    build_backtrace(ctx, obj, NULL, 0, JS_BACKTRACE_FLAG_SKIP_FIRST_LEVEL);
    return obj;`,
    now: '    return obj;',
  },
  // V8 has a way of its own for squares and roots, and the C library's for the rest.
  {
    was: '    } else {\n        return pow(a, b);\n',
    now:
      '    } else if (b == 2) {\n        return a * a;\n' +
      '    } else if (b == 0.5) {\n        return isinf(a) ? INFINITY : sqrt(a + 0.0);\n' +
      '    } else {\n        return pow(a, b);\n',
  },
  // A program that fills this stack may not fill Node's.
  {
    was: '    return JS_ThrowInternalError(ctx, "stack overflow");\n',
    now:
      '    lockstepNeedsNode("has too many calls in calls for the native host");\n' +
      '    return JS_ThrowRangeError(ctx, "Maximum call stack size exceeded");\n',
  },
  {
    was: '        return js_parse_error(s, "stack overflow");\n',
    now:
      '        lockstepNeedsNode("reads a text that is nested too deeply for the native host");\n' +
      '        return js_parse_error(s, "stack overflow");\n',
    times: 2,
  },
  {
    was: '    return js_check_stack_overflow(ctx->rt, alloca_size);\n}\n\nvoid *lre_realloc',
    now:
      '    if (!js_check_stack_overflow(ctx->rt, alloca_size))\n        return FALSE;\n' +
      '    lockstepNeedsNode("has a regular expression that is too deep for the native host");\n' +
      '    return TRUE;\n}\n\nvoid *lre_realloc',
  },
  // What is no regular expression here may be one in Node: flags d and v, modifiers, names used twice.
  {
    was: '                JS_FreeCString(ctx, str);\n                return JS_ThrowSyntaxError(ctx, "invalid regular expression flags");',
    now:
      '                JS_FreeCString(ctx, str);\n' +
      '                lockstepNeedsNode("has a regular expression with other flags than gimsuy");\n' +
      '                return JS_ThrowSyntaxError(ctx, "invalid regular expression flags");',
  },
  {
    was: '        JS_ThrowSyntaxError(ctx, "%s", error_msg);\n        return JS_EXCEPTION;\n    }\n\n    ret = js_new_string8',
    now:
      '        lockstepNeedsNode("has a regular expression that the native host cannot read");\n' +
      '        JS_ThrowSyntaxError(ctx, "%s", error_msg);\n        return JS_EXCEPTION;\n    }\n\n    ret = js_new_string8',
  },
  // V8 reads dates of many forms.
  {
    was: '    sp = JS_VALUE_GET_STRING(s);\n    p = 0;\n    if (p < sp->len && (((c',
    now: `    {
        const char *text = JS_ToCString(ctx, s);
        if (text && !lockstepIsIsoDate(text))
            lockstepNeedsNode("reads a date that is not written as in ISO 8601");
        JS_FreeCString(ctx, text);
    }
    sp = JS_VALUE_GET_STRING(s);
    p = 0;
    if (p < sp->len && (((c`,
  },
];

/** By the name of the file. */
export const quickjsFixes: { readonly [file: string]: readonly Fix[] } = {
  'quickjs.c': [...engine, ...letters],
  'libregexp.c': regularExpressions,
  'libunicode.c': characters,
};

/**
 * The source that is compiled.
 *
 * @param file its name
 * @param source as it was published
 * @throws an Error when a place is not there as it should be: that is a defect of this file
 */
export function fixedQuickjs(file: string, source: string): string {
  let fixed = source;
  for (const { was, now, times = 1 } of quickjsFixes[file] ?? []) {
    const parts = fixed.split(was);
    if (parts.length !== times + 1) throw new Error(`${times} times expected, not ${parts.length - 1}: ${was}`);
    fixed = parts.join(now);
  }
  return fixed;
}
