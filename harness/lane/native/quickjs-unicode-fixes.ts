// What QuickJS knows of characters and Node knows otherwise: its source is changed at these places. What stays out: how regular
// expressions use it (quickjs-regexp-fixes.ts).
import type { Fix } from './quickjs-fix.ts';

/**
 * QuickJS knows Unicode 13; Node has 16 or a later one. What has no character in 13 may have one now, with whatever properties. What
 * was there has kept its normalization (Unicode Standard Annex 15, 3) and, but for the characters that are named here, its case and
 * those of its properties that may be asked: found by asking both of all characters, with Unicode 17.
 */
const younger = `
/* Whether there may be a character by now that Unicode 13 has not. */
int lockstep_is_unassigned(uint32_t c)
{
    static CharRange unassigned;
    int low = 0, high, at;
    if (c < 0x378 || (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef))
        return 0;
    if (unassigned.len == 0) {
        cr_init(&unassigned, NULL, NULL);
        if (unicode_general_category(&unassigned, "Cn"))
            abort();
    }
    for (high = unassigned.len; low < high;) {
        at = (low + high) / 2;
        if (c < unassigned.points[at])
            high = at;
        else
            low = at + 1;
    }
    return low & 1;
}

/* One that may be written otherwise: none of the ideographs, nor of the pictures. */
int lockstep_may_be_letter(uint32_t c)
{
    return c < 0x20000 && (c < 0x1f300 || c >= 0x1fb00) && lockstep_is_unassigned(c);
}

int lockstep_case_is_younger(uint32_t c)
{
    return c == 0x19b || c == 0x264 || lockstep_may_be_letter(c);
}

int lockstep_properties_are_younger(uint32_t c)
{
    static const uint32_t changed[][2] = {
        {0x19b, 0x19b}, {0x264, 0x264}, {0x295, 0x295}, {0x363, 0x36f}, {0xc04, 0xc04}, {0xf82, 0xf83},
        {0x10fc, 0x10fc}, {0x1734, 0x1734}, {0x1dd3, 0x1de6}, {0xab69, 0xab69}, {0x11080, 0x11081},
        {0x1171e, 0x1171e}, {0x16fe2, 0x16fe3},
    };
    int i;
    for (i = 0; i < countof(changed); i++)
        if (c >= changed[i][0] && c <= changed[i][1])
            return 1;
    return lockstep_is_unassigned(c);
}
`;

export const characters: readonly Fix[] = [
  {
    was: 'static uint32_t get_le24(',
    now: `/* The length of the i-th range of characters with a case, and the first of them; 0 after the last. */
int lockstep_cased_range(int i, uint32_t *code)
{
    if (i >= countof(case_conv_table1))
        return 0;
    *code = case_conv_table1[i] >> (32 - 17);
    return (case_conv_table1[i] >> (32 - 17 - 7)) & 0x7f;
}

static uint32_t get_le24(`,
  },
  {
    was: '#include "libunicode-table.h"\n',
    now: '#include "libunicode-table.h"\n\n/* host.c */\nvoid lockstepNeedsNode(const char *what);\n',
  },
  { was: '\n/* character range */\n', now: `\n#ifdef CONFIG_ALL_UNICODE\n${younger}#endif\n\n/* character range */\n` },
  // They decide whether a sigma is the last letter of its word.
  {
    was: 'BOOL lre_is_case_ignorable(uint32_t c)\n{\n',
    now:
      'BOOL lre_is_case_ignorable(uint32_t c)\n{\n' +
      '    if (c == 0x295 || c == 0x1734 || c == 0x1171e)\n' +
      '        lockstepNeedsNode("changes the case of a letter in a way that is younger than Unicode 13");\n',
  },
];

/** Of texts, in quickjs.c. */
export const letters: readonly Fix[] = [
  {
    was: '        c = string_getc(p, &i);\n        if (c == 0x3a3 && to_lower && test_final_sigma(p, i - 1)) {\n',
    now:
      '        c = string_getc(p, &i);\n        if (lockstep_case_is_younger(c))\n' +
      '            lockstepNeedsNode("changes the case of a letter in a way that is younger than Unicode 13");\n' +
      '        if (c == 0x3a3 && to_lower && test_final_sigma(p, i - 1)) {\n',
  },
  { was: 'if (c1 >= 0xd800 && c1 <= 0xdc00) {', now: 'if (c1 >= 0xd800 && c1 < 0xdc00) {' },
  {
    was: '    if (argc == 0 || JS_IsUndefined(argv[0])) {\n        n_type = UNICODE_NFC;\n',
    now:
      '    for (out_len = 0; out_len < buf_len; out_len++)\n        if (lockstep_may_be_letter(buf[out_len]))\n' +
      '            lockstepNeedsNode("normalizes a character that is younger than Unicode 13");\n' +
      '    if (argc == 0 || JS_IsUndefined(argv[0])) {\n        n_type = UNICODE_NFC;\n',
  },
];
