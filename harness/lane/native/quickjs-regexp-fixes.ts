// Where the regular expressions of QuickJS differ from Node's (V8's), and their letters: its source is changed at these places.
// What stays out: the rest of the language, and how changes are made (quickjs-fixes.ts).
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

/** By their tables; the code points of a range are those that case conversion may change. */
export const characters: readonly Fix[] = [
  {
    was: 'static uint32_t get_le24(',
    now: `/* The number of code points of the i-th range of letters with a case, and the first of them; 0 after the last. */
int lockstep_cased_range(int i, uint32_t *code)
{
    if (i >= countof(case_conv_table1))
        return 0;
    *code = case_conv_table1[i] >> (32 - 17);
    return (case_conv_table1[i] >> (32 - 17 - 7)) & 0x7f;
}

static uint32_t get_le24(`,
  },
];

export const regularExpressions: readonly Fix[] = [
  {
    was: '#include "libregexp.h"\n',
    now:
      '#include "libregexp.h"\n\n/* host.c */\nvoid lockstepNeedsNode(const char *what);\n' +
      '/* libunicode.c */\nint lockstep_cased_range(int i, uint32_t *code);\n\n' +
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
    now:
      "            s->in_pairs |= p[1] != 'b';\n" + "            re_emit_op(s, REOP_word_boundary + (p[1] != 'b'));\n",
  },
  {
    was: '                pos = re_emit_op_u32(s, REOP_lookahead + is_neg, 0);\n',
    now:
      '                s->in_pairs |= is_neg;\n' +
      '                pos = re_emit_op_u32(s, REOP_lookahead + is_neg, 0);\n',
  },
  {
    was: '    BOOL dotall;\n',
    now: '    BOOL dotall;\n    BOOL in_pairs; /* something may be true between the halves of a pair */\n',
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
  // Groups within a repeated one are empty again in each turn, and a turn that is not needed may not be empty (ECMA-262
  // 22.2.2.3.1, RepeatMatcher). The second is too deep in QuickJS to be mended: such an expression is refused.
  {
    was: '                len = s->byte_code.size - last_atom_start;\n                if (quant_min == 0) {\n',
    now: `                len = s->byte_code.size - last_atom_start;
                if (quant_max > quant_min && (last_capture_count != s->capture_count || !greedy) &&
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
