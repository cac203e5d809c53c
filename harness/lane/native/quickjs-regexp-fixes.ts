// Where the regular expressions of QuickJS differ from Node's (V8's): its source is changed at these places. What stays out: what it
// knows of characters (quickjs-unicode-fixes.ts), and the rest of the language (quickjs-fixes.ts).
import type { Fix } from './quickjs-fix.ts';

/** Whether code for a part of a regular expression may come to its end without a character. */
const mayBeEmpty = `
static int may_be_empty(const uint8_t *code, int length)
{
    uint8_t *seen = calloc(1, length + 1);
    int *todo = malloc((2 * length + 1) * sizeof(*todo)), count = 0, at, empty = !seen || !todo;
    if (!empty)
        todo[count++] = 0;
    while (count > 0 && !empty) {
        at = todo[--count];
        if (at >= length || at < 0) {
            empty = at == length;
            continue;
        }
        if (seen[at])
            continue;
        seen[at] = 1;
        switch (code[at]) {
        case REOP_char: case REOP_char32: case REOP_dot: case REOP_any: case REOP_range: case REOP_range32:
            break; /* a character */
        case REOP_goto: case REOP_lookahead: case REOP_negative_lookahead:
            todo[count++] = at + 5 + (int)get_u32(code + at + 1);
            break;
        case REOP_split_goto_first: case REOP_split_next_first: case REOP_loop: case REOP_bne_char_pos:
            todo[count++] = at + 5 + (int)get_u32(code + at + 1);
            todo[count++] = at + 5;
            break;
        case REOP_simple_greedy_quant:
            if (get_u32(code + at + 5) == 0)
                todo[count++] = at + 17 + (int)get_u32(code + at + 1);
            break;
        default:
            todo[count++] = at + reopcode_info[code[at]].size;
        }
    }
    free(seen);
    free(todo);
    return empty;
}
`;

/**
 * Under ignoreCase a class is the set of its members' canonical forms (ECMA-262 22.2.2.9.1, CharacterSetMatcher), which is what the
 * characters of the text are compared with, too.
 */
const canonicalClass = `
static int in_range(const CharRange *cr, uint32_t c)
{
    int low = 0, high = cr->len, at;
    while (low < high) {
        at = (low + high) / 2;
        if (c < cr->points[at])
            high = at;
        else
            low = at + 1;
    }
    return low & 1;
}

static int by_code_point(const void *a, const void *b)
{
    return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : *(const uint32_t *)a > *(const uint32_t *)b;
}

static int cr_canonicalize(CharRange *cr, BOOL is_utf16)
{
    CharRange kept, moved, forms, all;
    uint32_t code, canonical;
    int i, length, ret = 0;

    cr_init(&kept, cr->mem_opaque, lre_realloc);
    cr_init(&moved, cr->mem_opaque, lre_realloc);
    cr_init(&forms, cr->mem_opaque, lre_realloc);
    cr_init(&all, cr->mem_opaque, lre_realloc);
    for (i = 0; (length = lockstep_cased_range(i, &code)) > 0 && !ret; i++) {
        for (; length > 0 && !ret; code++, length--) {
            canonical = lre_canonicalize(code, is_utf16);
            if (canonical != code && in_range(cr, code))
                ret = cr_add_interval(&moved, code, code + 1) || cr_add_point(&forms, canonical);
        }
    }
    if (!ret && moved.len > 0) {
        qsort(forms.points, forms.len, sizeof(*forms.points), by_code_point);
        for (i = 0; i < forms.len && !ret; i++)
            if (i == 0 || forms.points[i] != forms.points[i - 1])
                ret = cr_add_interval(&all, forms.points[i], forms.points[i] + 1);
        ret = ret || cr_invert(&moved) || cr_op(&kept, cr->points, cr->len, moved.points, moved.len, CR_OP_INTER);
        if (!ret) {
            cr->len = 0;
            ret = cr_op(cr, kept.points, kept.len, all.points, all.len, CR_OP_UNION);
        }
    }
    cr_free(&kept);
    cr_free(&moved);
    cr_free(&forms);
    cr_free(&all);
    return ret ? -1 : 0;
}
`;

const publishedCanonicalClass = `static int cr_canonicalize(CharRange *cr)
{
    CharRange a;
    uint32_t pt[2];
    int i, ret;

    cr_init(&a, cr->mem_opaque, lre_realloc);
    pt[0] = 'a';
    pt[1] = 'z' + 1;
    ret = cr_op(&a, cr->points, cr->len, pt, 2, CR_OP_INTER);
    if (ret)
        goto fail;
    /* convert to upper case */
    /* XXX: the generic unicode case would be much more complicated
       and not really useful */
    for(i = 0; i < a.len; i++) {
        a.points[i] += 'A' - 'a';
    }
    /* Note: for simplicity we keep the lower case ranges */
    ret = cr_union1(cr, a.points, a.len);
 fail:
    cr_free(&a);
    return ret;
}
`;

const surrogatePair = `
static int has_surrogate_pair(const uint16_t *text, int length)
{
    int i;
    for (i = 1; i < length; i++)
        if ((text[i - 1] & 0xfc00) == 0xd800 && (text[i] & 0xfc00) == 0xdc00)
            return 1;
    return 0;
}
`;

/**
 * The properties of characters that may be asked, but for general categories and scripts: those that few characters have changed
 * since Unicode 13.
 */
const stableProperties = [
  'Bidi_Control Dash Default_Ignorable_Code_Point Join_Control Noncharacter_Code_Point Quotation_Mark Emoji_Component',
  'Emoji_Modifier Emoji_Modifier_Base Pattern_Syntax Pattern_White_Space Regional_Indicator Unified_Ideograph',
  'Variation_Selector ASCII Any Assigned ASCII_Hex_Digit AHex Hex_Digit Hex White_Space space Alphabetic Alpha',
  'Lowercase Lower Uppercase Upper Cased ID_Start IDS XID_Start XIDS Emoji Emoji_Presentation EPres Ideographic Ideo',
  'Math',
].flatMap((line) => line.split(' '));

const stableProperty = `
static int is_stable_property(const char *name)
{
    static const char *const names[] = {${stableProperties.map((name) => `"${name}"`).join(', ')}};
    int i;
    for (i = 0; i < countof(names); i++)
        if (!strcmp(name, names[i]))
            return 1;
    return 0;
}
`;

export const regularExpressions: readonly Fix[] = [
  {
    was: '/* canonicalize with the specific JS regexp rules */\nstatic uint32_t lre_canonicalize(uint32_t c, BOOL is_utf16)\n{\n',
    now:
      'static uint32_t lre_canonicalize(uint32_t c, BOOL is_utf16)\n{\n    if (c >= 128 && lockstep_case_is_younger(c))\n' +
      '        lockstepNeedsNode("asks for the case of a letter in a way that is younger than Unicode 13");\n',
  },
  // Foldings that came with Unicode 15.1.
  {
    was: '            lre_case_conv(res, c, 2);\n            c = res[0];\n',
    now:
      '            lre_case_conv(res, c, 2);\n            c = res[0];\n' +
      '            c = c == 0x1fd3 ? 0x390 : c == 0x1fe3 ? 0x3b0 : c == 0xfb05 ? 0xfb06 : c;\n',
  },
  // Properties of characters: a byte of the header says whether they are asked.
  { was: '#define RE_HEADER_LEN 7\n', now: '#define RE_HEADER_PROPERTIES    7\n\n#define RE_HEADER_LEN 8\n' },
  {
    was: '    dbuf_put_u32(&s->byte_code, 0); /* bytecode length */\n',
    now: '    dbuf_put_u32(&s->byte_code, 0); /* bytecode length */\n    dbuf_putc(&s->byte_code, 0); /* whether properties are asked */\n',
  },
  {
    was: '    s->byte_code.buf[RE_HEADER_STACK_SIZE] = stack_size;\n',
    now:
      '    s->byte_code.buf[RE_HEADER_STACK_SIZE] = stack_size;\n' +
      '    s->byte_code.buf[RE_HEADER_PROPERTIES] = s->properties;\n',
  },
  { was: '(bc_buf + 7 + re_bytecode_len)', now: '(bc_buf + RE_HEADER_LEN + re_bytecode_len)' },
  { was: 'static int parse_unicode_property(', now: `${stableProperty}\nstatic int parse_unicode_property(` },
  {
    was: "    p = *pp;\n    if (*p != '{')\n        return re_parse_error(s, \"expecting '{' after \\\\p\");\n",
    now: "    s->properties = 1;\n    p = *pp;\n    if (*p != '{')\n        return re_parse_error(s, \"expecting '{' after \\\\p\");\n",
  },
  {
    was: '        script_ext = TRUE;\n',
    now: '        return re_parse_error(s, "a property that differs between versions of Unicode");\n',
  },
  {
    was: '            ret = unicode_prop(cr, name);\n',
    now:
      '            if (!is_stable_property(name))\n' +
      '                return re_parse_error(s, "a property that differs between versions of Unicode");\n' +
      '            ret = unicode_prop(cr, name);\n',
  },
  {
    was: '    BOOL is_utf16;\n    void *opaque; /* used',
    now: '    BOOL is_utf16;\n    BOOL properties;\n    void *opaque; /* used',
  },
  {
    was: '    s->capture_count = bc_buf[RE_HEADER_CAPTURE_COUNT];\n    s->stack',
    now: '    s->capture_count = bc_buf[RE_HEADER_CAPTURE_COUNT];\n    s->properties = bc_buf[RE_HEADER_PROPERTIES];\n    s->stack',
  },
  {
    was: '                GET_CHAR(c, cptr, cbuf_end);\n                if (s->ignore_case) {\n',
    now:
      '                GET_CHAR(c, cptr, cbuf_end);\n                if (s->properties && lockstep_properties_are_younger(c))\n' +
      '                    lockstepNeedsNode("asks for the properties of a character that are younger than Unicode 13");\n' +
      '                if (s->ignore_case) {\n',
    times: 2,
  },
  {
    was: '#include "libregexp.h"\n',
    now:
      '#include "libregexp.h"\n\n/* host.c */\nvoid lockstepNeedsNode(const char *what);\n' +
      '/* libunicode.c */\nint lockstep_cased_range(int i, uint32_t *code);\nint lockstep_case_is_younger(uint32_t c);\n' +
      'int lockstep_properties_are_younger(uint32_t c);\n\n' +
      '/* V8 may match between the halves of a surrogate pair. */\n#define LRE_FLAG_IN_PAIRS (1 << 6)\n',
  },
  { was: publishedCanonicalClass, now: canonicalClass },
  {
    was: '        if (cr_canonicalize(cr))\n            goto memory_error;\n',
    now: '        if (cr_canonicalize(cr, s->is_utf16))\n            goto memory_error;\n',
  },
  {
    was: '            int ret;\n            /* Note: canonicalization is not needed */\n            ret = re_emit_range(s, cr);\n',
    now:
      '            int ret = s->ignore_case ? cr_canonicalize(cr, s->is_utf16) : 0;\n' +
      '            if (ret == 0)\n                ret = re_emit_range(s, cr);\n',
  },
  // The word characters under i and u (ECMA-262 22.2.2.7.3, WordCharacters).
  {
    was: '    if (invert) {\n        if (cr_invert(cr))\n            goto fail;\n    }\n    return 0;\n',
    now: `    if (c >> 1 == CHAR_RANGE_w >> 1 && s->ignore_case && s->is_utf16 &&
        (cr_add_interval(cr, 0x17f, 0x180) || cr_add_interval(cr, 0x212a, 0x212b)))
        goto fail;
    if (invert) {
        if (cr_invert(cr))
            goto fail;
    }
    return 0;
`,
  },
  ...['v1', 'v2'].map((name) => ({
    was: `${name} = is_word_char(c);`,
    now: `${name} = is_word_char(c) || (s->ignore_case && s->is_utf16 && (c == 0x17f || c == 0x212a));`,
  })),
  // Where V8 searches by code units, what may be true between the halves of a pair is asked there, too.
  {
    was: "            re_emit_op(s, REOP_word_boundary + (p[1] != 'b'));\n",
    now: "            s->in_pairs |= p[1] != 'b';\n            re_emit_op(s, REOP_word_boundary + (p[1] != 'b'));\n",
  },
  {
    was: '                pos = re_emit_op_u32(s, REOP_lookahead + is_neg, 0);\n',
    now:
      '                s->in_pairs |= is_neg;\n' +
      '                pos = re_emit_op_u32(s, REOP_lookahead + is_neg, 0);\n',
  },
  {
    was: '    BOOL dotall;\n',
    now: '    BOOL dotall;\n    BOOL in_pairs; /* something may be true between the halves of a pair */\n    BOOL properties; /* some are asked */\n',
  },
  {
    was: '    re_emit_op_u8(s, REOP_save_end, 0);\n',
    now: `    if (s->in_pairs && s->is_utf16 && !dbuf_error(&s->byte_code)) {
        size_t start = RE_HEADER_LEN + (is_sticky ? 0 : 11) + 2;
        if (may_be_empty(s->byte_code.buf + start, s->byte_code.size - start))
            s->byte_code.buf[RE_HEADER_FLAGS] |= LRE_FLAG_IN_PAIRS;
    }
    re_emit_op_u8(s, REOP_save_end, 0);
`,
  },
  {
    was: '/* Return 1 if match, 0 if not match or -1 if error. cindex is the\n',
    now: `${surrogatePair}\n/* Return 1 if match, 0 if not match or -1 if error. cindex is the\n`,
  },
  {
    was: '    re_flags = bc_buf[RE_HEADER_FLAGS];\n    s->multi_line',
    now: `    re_flags = bc_buf[RE_HEADER_FLAGS];
    if (cbuf_type == 1 && (re_flags & LRE_FLAG_UTF16)) {
        const uint16_t *text = (const uint16_t *)cbuf;
        if ((re_flags & LRE_FLAG_IN_PAIRS) && has_surrogate_pair(text, clen))
            lockstepNeedsNode("has a regular expression that Node matches within a surrogate pair");
        /* A pair that lastIndex is within is one character (ECMA-262 22.2.7.2, RegExpBuiltinExec). */
        if (cindex > 0 && cindex < clen && has_surrogate_pair(text + cindex - 1, 2))
            cindex--;
    }
    s->multi_line`,
  },
  { was: 'static int re_check_advance(', now: `${mayBeEmpty}\nstatic int re_check_advance(` },
  // Groups within a repeated one are empty again in each turn, and a turn that is not needed may not be empty, but tries to be
  // otherwise (ECMA-262 22.2.2.3.1, RepeatMatcher). The second is too deep in QuickJS to be mended: such an expression is refused,
  // but for a reference to a group, of two bytes, which cannot be otherwise.
  {
    was: '                len = s->byte_code.size - last_atom_start;\n                if (quant_min == 0) {\n',
    now: `                len = s->byte_code.size - last_atom_start;
                if (quant_max > quant_min && (!greedy || len > 2) &&
                    may_be_empty(s->byte_code.buf + last_atom_start, len))
                    return re_parse_error(s, "a repeated group that may be empty");
                if (quant_max > 1 && last_capture_count != s->capture_count) {
                    if (dbuf_insert(&s->byte_code, last_atom_start, 3))
                        goto out_of_memory;
                    s->byte_code.buf[last_atom_start] = REOP_save_reset;
                    s->byte_code.buf[last_atom_start + 1] = last_capture_count;
                    s->byte_code.buf[last_atom_start + 2] = s->capture_count - 1;
                }
                len = s->byte_code.size - last_atom_start;
                if (quant_min == 0) {
`,
  },
];
