# What the kernels of windows have from C: whole numbers of 256 bits, in which sums of products are exact, and loops over
# columns that a compiler turns into vector instructions. There is no other definition of a value here: the interpreted
# kernels calculate the same sums in Python's whole numbers, and the tests compare the bits.
#
# A value is m * 2^g, m a whole number and g the exponent of the grid on which a window or a stretch of a column lies.
# Sums of m and of m * m are then sums of whole numbers; what is rounded is rounded once, at the end.
#
# A sweep takes the column from the first value of its first window on, `rows` windows of `w` values, and gives
# 1 done, 0 the values lie too far apart (step instead), -1 one of them is missing or infinite.
cdef extern from *:
    """
    #include <math.h>
    #include <stddef.h>
    #include <stdint.h>
    #include <stdlib.h>
    #include <string.h>
    #if defined(_MSC_VER)
    #include <intrin.h>
    #endif

    #if defined(__GNUC__)
    #define LW_INLINE static inline __attribute__((always_inline))
    #else
    #define LW_INLINE static inline
    #endif
    /* The same loops for processors of three ages, chosen when first called. No fused multiply-add: it would change bits
       (and is off by the compiler's option). */
    #if defined(__x86_64__) && defined(__GNUC__)
    #define LW_AGES(name, parameters, arguments) \\
        __attribute__((target("avx2,bmi,bmi2,lzcnt"))) static int name##_v3 parameters { return name##_body arguments; } \\
        __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx2,bmi,bmi2,lzcnt"))) \\
        static int name##_v4 parameters { return name##_body arguments; } \\
        static int name parameters { \\
            int age = lw_age(); \\
            return age == 4 ? name##_v4 arguments : age == 3 ? name##_v3 arguments : name##_body arguments; \\
        }
    static int lw_age(void)
    {
        static int known = 0;
        if (!known) {
            __builtin_cpu_init();
            known = __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                            __builtin_cpu_supports("avx512bw") ? 4
                    : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") ? 3 : 1;
        }
        return known;
    }
    #else
    #define LW_AGES(name, parameters, arguments) static int name parameters { return name##_body arguments; }
    #endif
    typedef unsigned long long lw_word;
    #define LW_ROWS 496 /* not 512: buffers a page apart would wait for each other */
    #define LW_SPLITTER 134217729.0 /* 2^27 + 1 */

    /* --- bits ---------------------------------------------------------------------------------------------- */

    LW_INLINE lw_word lw_bits(double x) { lw_word b; memcpy(&b, &x, 8); return b; }
    LW_INLINE double lw_power(int e) { lw_word b = (lw_word)(1023 + e) << 52; double x; memcpy(&x, &b, 8); return x; }
    LW_INLINE int lw_leading(lw_word x) /* zeros before the first one; x is not 0 */
    {
    #if defined(__GNUC__)
        return __builtin_clzll(x);
    #elif defined(_MSC_VER) && defined(_WIN64)
        unsigned long at; _BitScanReverse64(&at, x); return 63 - (int)at;
    #else
        int k = 0; while (!(x >> 63)) { x <<= 1; k++; } return k;
    #endif
    }
    LW_INLINE int lw_trailing(lw_word x) { return 63 - lw_leading(x & (~x + 1)); }
    LW_INLINE lw_word lw_times(lw_word a, lw_word b, lw_word *high)
    {
    #if defined(__SIZEOF_INT128__)
        unsigned __int128 p = (unsigned __int128)a * b; *high = (lw_word)(p >> 64); return (lw_word)p;
    #else
        lw_word al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
        lw_word ll = al * bl, lh = al * bh, hl = ah * bl, mid = (ll >> 32) + (uint32_t)lh + (uint32_t)hl;
        *high = ah * bh + (lh >> 32) + (hl >> 32) + (mid >> 32);
        return (mid << 32) | (uint32_t)ll;
    #endif
    }
    /* The float nearest to (high, low) * 2^e, which must be a normal one. */
    LW_INLINE double lw_rounded(lw_word high, lw_word low, int e)
    {
        int k; lw_word t;
        if (!high) { if (!low) return 0.0; high = low; low = 0; e -= 64; }
        k = lw_leading(high);
        high = (high << k) | ((low >> 1) >> (63 - k));
        low <<= k;
        t = (high >> 1) | ((high & 1) | (low != 0)); /* 63 bits, the last of which stands for all that follow */
        return (double)(int64_t)t * lw_power(e + 65 - k);
    }

    /* --- whole numbers of 256 bits, two's complement, lowest part first --------------------------------------- */

    LW_INLINE void lw_add4(lw_word *a, const lw_word *b)
    {
        lw_word carry = 0; int i;
        for (i = 0; i < 4; i++) {
            lw_word s = a[i] + b[i], c = s < b[i];
            a[i] = s + carry;
            carry = c | (a[i] < s);
        }
    }
    /* Without a branch: the signs of returns cannot be foreseen. */
    LW_INLINE void lw_negate_if(lw_word *a, int parts, int is_negative)
    {
        lw_word mask = (lw_word)0 - (lw_word)is_negative, carry = (lw_word)is_negative; int i;
        for (i = 0; i < parts; i++) { a[i] = (a[i] ^ mask) + carry; carry &= a[i] == 0; }
    }
    LW_INLINE void lw_product(lw_word al, lw_word ah, lw_word bl, lw_word bh, lw_word *p)
    {
        lw_word h1, h2, h3, h4, l2, l3, l4, s, c;
        p[0] = lw_times(al, bl, &h1);
        l2 = lw_times(al, bh, &h2);
        l3 = lw_times(ah, bl, &h3);
        l4 = lw_times(ah, bh, &h4);
        s = h1 + l2; c = s < l2;
        s += l3; c += s < l3;
        p[1] = s;
        s = h2 + c; c = s < c;
        s += h3; c += s < h3;
        s += l4; c += s < l4;
        p[2] = s;
        p[3] = h4 + c;
    }
    /* The float nearest to a * 2^e; a may be negative. */
    LW_INLINE double lw_rounded4(const lw_word *a, int e)
    {
        lw_word b[4]; int i, is_negative = (int)(a[3] >> 63); double found;
        memcpy(b, a, sizeof b);
        lw_negate_if(b, 4, is_negative);
        i = b[3] ? 3 : b[2] ? 2 : 1;
        /* The last bit of what stands below the highest part that is not 0 stands for all that follows. */
        found = lw_rounded(b[i], b[i - 1] | (i > 1 && b[i - 2] != 0) | (i > 2 && b[0] != 0), e + 64 * (i - 1));
        return found * (double)(1 - 2 * is_negative);
    }

    /* |x| as m * 2^g: 0 where m is not a whole number below 2^100. */
    LW_INLINE int lw_on_grid(double x, int g, lw_word *low, lw_word *high, int *is_negative)
    {
        lw_word b = lw_bits(x), m = (b & 0xfffffffffffffULL) | 0x10000000000000ULL;
        int e = (int)(b >> 52) & 0x7ff, shift;
        *is_negative = (int)(b >> 63);
        *low = 0; *high = 0;
        if (!(b << 1)) { *is_negative = 0; return 1; }
        if (e == 0) return 0;
        shift = e - 1075 - g;
        if (shift > 47) return 0;
        if (shift < 0) {
            if (shift < -52 || (m & ((1ULL << -shift) - 1))) return 0;
            *low = m >> -shift;
            return 1;
        }
        *low = m << shift;
        *high = shift ? m >> (64 - shift) : 0;
        return 1;
    }

    /* Exponents of the last and the first bit of x that are set; 0 for what is not normal. Zero leaves them alone. */
    static int lw_extent(double x, int *last, int *first)
    {
        lw_word b = lw_bits(x); int e = (int)(b >> 52) & 0x7ff, low;
        if (!(b << 1)) return 1;
        if (e == 0 || e == 0x7ff) return 0;
        low = e - 1075 + lw_trailing((b & 0xfffffffffffffULL) | 0x10000000000000ULL);
        if (low < *last) *last = low;
        if (e - 1023 > *first) *first = e - 1023;
        return 1;
    }

    /* A grid for the values and one more, with room for finer and for greater ones: its exponent; 0 where there is none. */
    static int lw_lay(const double *x, ptrdiff_t n, double one_more, int *grid)
    {
        int last = 2000, first = -2000, spare; ptrdiff_t i;
        if (!lw_extent(one_more, &last, &first)) return 0;
        for (i = 0; i < n; i++) if (!lw_extent(x[i], &last, &first)) return 0;
        if (first == -2000) last = first = 0;
        spare = 99 - (first - last);
        if (spare < 0) return 0;
        *grid = last - spare / 2;
        return *grid >= -480 && *grid <= 300;
    }

    /* `sums` holds the sum of x (parts 0, 1), of y (2, 3) and of x * y (4 to 7) on the grids gx and gy. Adds a pair, or
       takes it away; 0 and nothing done where one does not lie on its grid. */
    LW_INLINE int lw_exchange(lw_word *sums, int gx, int gy, double x, double y, int is_away)
    {
        lw_word a[2], b[2], p[4], s, c; int is_low, is_lower, i;
        if (!lw_on_grid(x, gx, a, a + 1, &is_low) || !lw_on_grid(y, gy, b, b + 1, &is_lower)) return 0;
        lw_product(a[0], a[1], b[0], b[1], p);
        lw_negate_if(p, 4, is_low ^ is_lower ^ is_away);
        lw_add4(sums + 4, p);
        lw_negate_if(a, 2, is_low ^ is_away);
        lw_negate_if(b, 2, is_lower ^ is_away);
        for (i = 0; i < 2; i++) {
            const lw_word *each = i ? b : a;
            s = sums[2 * i] + each[0]; c = s < each[0];
            sums[2 * i] = s;
            sums[2 * i + 1] += each[1] + c;
        }
        return 1;
    }
    /* n * (sum of x * y) - (sum of x) * (sum of y), times 2^e, rounded once */
    LW_INLINE double lw_excess(const lw_word *sums, lw_word n, int e)
    {
        lw_word a[2] = {sums[0], sums[1]}, b[2] = {sums[2], sums[3]}, p[4], q[4], h, carry = 0;
        int i, is_low = (int)(a[1] >> 63), is_lower = (int)(b[1] >> 63);
        lw_negate_if(a, 2, is_low);
        lw_negate_if(b, 2, is_lower);
        lw_product(a[0], a[1], b[0], b[1], p);
        lw_negate_if(p, 4, !(is_low ^ is_lower));
        for (i = 0; i < 4; i++) { /* the sign comes out right modulo 2^256 */
            q[i] = lw_times(sums[4 + i], n, &h);
            q[i] += carry;
            carry = h + (q[i] < carry);
        }
        lw_add4(q, p);
        return lw_rounded4(q, e);
    }
    /* (sum of x * y) * 2^e: the float nearest to it, and to the rest */
    static double lw_nearest_pair(const lw_word *sum, int e, double *rest)
    {
        lw_word a[4], b, m; int at, is_negative = (int)(sum[3] >> 63), f; double high;
        memcpy(a, sum, sizeof a);
        lw_negate_if(a, 4, is_negative);
        high = lw_rounded4(a, 0);
        *rest = 0.0;
        if (high == 0.0) return 0.0;
        b = lw_bits(high);
        m = (b & 0xfffffffffffffULL) | 0x10000000000000ULL;
        f = (int)(b >> 52) - 1075;
        if (f > 0) { /* else it is all of it */
            lw_word c[4] = {0, 0, 0, 0};
            at = f >> 6;
            c[at] = m << (f & 63);
            if ((f & 63) > 11) c[at + 1] = m >> (64 - (f & 63));
            lw_negate_if(c, 4, 1);
            lw_add4(a, c);
            *rest = lw_rounded4(a, e);
        }
        high *= lw_power(e);
        if (is_negative) { high = -high; *rest = -*rest; }
        return high;
    }

    /* --- columns ------------------------------------------------------------------------------------------- */

    /* Biased exponents of the greatest and of the least that is not 0. */
    LW_INLINE int lw_survey(const double *x, ptrdiff_t n, int *top, int *bottom)
    {
        const long long all = 0x7fffffffffffffffLL;
        long long most[4] = {0, 0, 0, 0}, least[4] = {all, all, all, all};
        ptrdiff_t i, k, quarter = n / 4;
        for (k = 0; k < 4; k++) {
            const double *from = x + k * quarter;
            ptrdiff_t rows = k < 3 ? quarter : n - 3 * quarter;
            long long greatest = 0, smallest = all;
            for (i = 0; i < rows; i++) {
                long long a, c;
                memcpy(&a, from + i, 8);
                a &= all;
                c = (a - 1) & all; /* zero becomes the greatest of all */
                greatest = a > greatest ? a : greatest;
                smallest = c < smallest ? c : smallest;
            }
            most[k] = greatest;
            least[k] = smallest;
        }
        for (k = 1; k < 4; k++) {
            if (most[k] > most[0]) most[0] = most[k];
            if (least[k] < least[0]) least[0] = least[k];
        }
        *top = most[0] ? (int)(most[0] >> 52) : 1023;
        *bottom = most[0] ? (int)((least[0] + 1) >> 52) : 1023;
        return *top == 0x7ff ? -1 : *bottom > 0;
    }

    /* (a + b) / n, rounded once; `n` in two parts of 26 bits */
    LW_INLINE double lw_quotient(double a, double b, double nh, double nl, double by)
    {
        double q = (a + b) * by, t = q * LW_SPLITTER, top = t - (t - q);
        return top + (((a - top * nh) - top * nl) + b) * by;
    }
    LW_INLINE void lw_halves(double n, double *high, double *low)
    {
        double t = n * LW_SPLITTER;
        *high = t - (t - n);
        *low = n - *high;
    }
    /* Running sum of d from `s` on: four of them wait for one addition. Nothing is lost in any of them, so the order in
       which they are added does not matter. */
    #if defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 12)
    typedef double lw_four __attribute__((vector_size(32)));
    LW_INLINE double lw_chain(const double *d, double *out, ptrdiff_t n, double s)
    {
        ptrdiff_t i = 0; lw_four before = {s, s, s, s}, none = {0.0, 0.0, 0.0, 0.0}, four;
        for (; i + 4 <= n; i += 4) {
            memcpy(&four, d + i, 32);
            four += __builtin_shufflevector(none, four, 0, 4, 5, 6);
            four += __builtin_shufflevector(none, four, 0, 1, 4, 5);
            {
                lw_four all = before + four;
                memcpy(out + i, &all, 32);
            }
            before += __builtin_shufflevector(four, four, 3, 3, 3, 3);
        }
        s = before[0];
        for (; i < n; i++) out[i] = s = s + d[i];
        return s;
    }
    #else
    LW_INLINE double lw_chain(const double *d, double *out, ptrdiff_t n, double s)
    {
        ptrdiff_t i = 0;
        for (; i + 4 <= n; i += 4) {
            double a = d[i], b = a + d[i + 1], c = b + d[i + 2], e = c + d[i + 3];
            out[i] = s + a; out[i + 1] = s + b; out[i + 2] = s + c;
            out[i + 3] = s = s + e;
        }
        for (; i < n; i++) out[i] = s = s + d[i];
        return s;
    }
    #endif

    #define LW_SLOPE(j) lw_quotient(6.0 * (2.0 * mh[j] - less * sh[j]), 6.0 * (2.0 * ml[j] - less * sl[j]), vh, vl, per)
    /* kind 0: the sum; 1: the mean; 2: the mean weighted 1, 2, ...; 3: slope of the line, and in `second` the mean;
       4: mean + slope * ahead; 5: the slope alone. `(x + C) - C` splits every value into two parts whose sums are exact in
       plain floats (S. M. Rump, T. Ogita, S. Oishi, SIAM Journal on Scientific Computing 31 (2008) 189-224). */
    LW_INLINE int lw_sums_body(const double *x, ptrdiff_t rows, ptrdiff_t w, int kind, double ahead, double *out,
                               double *second)
    {
        double dh[LW_ROWS], dl[LW_ROWS], sh[LW_ROWS], sl[LW_ROWS], mh[LW_ROWS], ml[LW_ROWS];
        double n = (double)w, C, h = 0.0, l = 0.0, a = 0.0, b = 0.0, nh, nl, by, vh, vl, per, less = n - 1.0;
        double reach = 4.0 * n * (kind < 2 ? 1.0 : n + 1.0);
        int top, bottom, spare, code = lw_survey(x, rows + w - 1, &top, &bottom), e;
        ptrdiff_t at, j, m;
        if (code <= 0) return code;
        frexp(reach, &spare);
        /* In exponents as of frexp: the greatest is below 2^(top - 1022), the last bit of the least 2^(bottom - 1075). */
        e = top - 1022 + spare;
        if (e > 900 || bottom < 200 || (e - 52) + spare - (bottom - 1075) > 53) return 0;
        C = 1.5 * lw_power(e);
        lw_halves(n, &nh, &nl);
        by = 1.0 / n;
        per = kind == 2 ? n * (n + 1.0) / 2.0 : n * (n * n - 1.0);
        lw_halves(per, &vh, &vl);
        per = 1.0 / per;
        for (j = 0; j < w; j++) {
            double high = (x[j] + C) - C, low = x[j] - high;
            h += high; l += low;
            a += (double)j * high; b += (double)j * low;
        }
        for (at = 0; at < rows; at += m) {
            const double *newer = x + at + w - 1, *older = x + at - 1;
            double *to = out + at, *also = second + at;
            m = rows - at < LW_ROWS ? rows - at : LW_ROWS;
            dh[0] = dl[0] = 0.0;
            for (j = at ? 0 : 1; j < m; j++) {
                double high = (newer[j] + C) - C, old = (older[j] + C) - C;
                dh[j] = high - old;
                dl[j] = (newer[j] - high) - (older[j] - old);
            }
            h = lw_chain(dh, sh, m, h);
            l = lw_chain(dl, sl, m, l);
            if (kind > 1) {
                /* All that stay weigh one less: the moment changes by n * x - sum. */
                for (j = 0; j < m; j++) {
                    double high = (newer[j] + C) - C;
                    dh[j] = n * high - sh[j];
                    dl[j] = n * (newer[j] - high) - sl[j];
                }
                if (!at) dh[0] = dl[0] = 0.0;
                a = lw_chain(dh, mh, m, a);
                b = lw_chain(dl, ml, m, b);
            }
            if (kind == 0)
                for (j = 0; j < m; j++) to[j] = sh[j] + sl[j];
            else if (kind == 1)
                for (j = 0; j < m; j++) to[j] = lw_quotient(sh[j], sl[j], nh, nl, by);
            else if (kind == 2)
                for (j = 0; j < m; j++) to[j] = lw_quotient(mh[j] + sh[j], ml[j] + sl[j], vh, vl, per);
            else if (kind == 5)
                for (j = 0; j < m; j++)
                    to[j] = LW_SLOPE(j);
            else if (kind == 3)
                for (j = 0; j < m; j++) {
                    to[j] = LW_SLOPE(j);
                    also[j] = lw_quotient(sh[j], sl[j], nh, nl, by);
                }
            else
                for (j = 0; j < m; j++) {
                    double slope = LW_SLOPE(j);
                    to[j] = lw_quotient(sh[j], sl[j], nh, nl, by) + slope * ahead;
                }
        }
        return 1;
    }

    LW_AGES(lw_sums,
            (const double *x, ptrdiff_t rows, ptrdiff_t w, int kind, double ahead, double *out, double *second),
            (x, rows, w, kind, ahead, out, second))

    /* A grid on which n^2 covariances need no more than 128 bits: its exponent, the whole number to be taken away from
       each value (unless `away` is NULL), and the bits of a sum of w of what is left. */
    LW_INLINE int lw_grid(const double *x, ptrdiff_t n, ptrdiff_t w, int *grid, int64_t *away, int *bits)
    {
        int top, bottom, last = 1000, first = -2000, more = 0, turn, code = lw_survey(x, n, &top, &bottom);
        ptrdiff_t i;
        if (code <= 0) return code;
        for (i = 1; i < w; i *= 2) more++;
        *grid = bottom - 1075;
        if (away) *away = 0;
        if (*grid < -480 || top - 1022 > 300) return 0;
        for (turn = 0; turn < 2; turn++) {
            *bits = top - 1022 - *grid + more;
            if (*bits <= 58) return 1;
            if (away && top - 1022 - *grid <= 61) {
                double scale = lw_power(-*grid);
                int64_t span = 0, from = (int64_t)(x[n / 2] * scale);
                for (i = 0; i < n; i++) {
                    int64_t d = (int64_t)(x[i] * scale) - from;
                    span |= d ^ (d >> 63);
                }
                *away = from;
                *bits = (span ? 64 - lw_leading((lw_word)span) : 0) + more;
                if (*bits <= 63) return 1;
            }
            /* The last bits may be zeros. */
            for (i = 0; i < n && turn == 0; i++) lw_extent(x[i], &last, &first);
            *grid = last;
        }
        return 0;
    }

    #if defined(__SIZEOF_INT128__)
    typedef __int128 lw_wide;
    typedef unsigned __int128 lw_whole_128; /* wraps around, and comes out right as long as the result fits */
    LW_INLINE double lw_positive(lw_wide d, int e)
    {
        return lw_rounded((lw_word)((unsigned __int128)d >> 64), (lw_word)d, e);
    }
    LW_INLINE double lw_signed(lw_wide d, int e) { return d < 0 ? -lw_positive(-d, e) : lw_positive(d, e); }

    /* A stretch on its grid: whole numbers, less one of them. */
    LW_INLINE void lw_whole(const double *x, ptrdiff_t n, double scale, int64_t away, int64_t *out)
    {
        ptrdiff_t i;
        for (i = 0; i < n; i++) out[i] = (int64_t)(x[i] * scale) - away;
    }
    /* The floats nearest to n whole numbers of 128 bits times 2^e, divided by `by`. Below 2^116 one is a sum of three exact
       floats, rounded once: of its last 12 bits it matters only whether they are nothing, unless they are nearly all of
       it. A greater one (not when `is_small`) is first shortened by 12 bits in the same way. */
    LW_INLINE void lw_all_rounded(const int64_t *high, const lw_word *low, ptrdiff_t n, int e, int is_small, int is_signed,
                                  double by, double *out)
    {
        ptrdiff_t i; double unit = lw_power(e), middle = lw_power(e + 12), great = lw_power(e + 64);
        for (i = 0; i < n; i++) {
            int64_t sign = is_signed ? high[i] >> 63 : 0, h = high[i] ^ sign;
            lw_word l = (low[i] ^ (lw_word)sign) - (lw_word)sign, last, told;
            double a, b, s, rest, found, longer = 1.0;
            h += sign & 1 & (l == 0);
            if (!is_small) {
                int is_long = ((lw_word)h >> 52) != 0;
                lw_word shorter = ((lw_word)h << 52) | (l >> 12) | ((l & 0xfff) != 0);
                l = is_long ? shorter : l;
                h = is_long ? (int64_t)((lw_word)h >> 12) : h;
                longer = is_long ? 4096.0 : 1.0;
            }
            last = l & 0xfff;
            a = (double)h * great;
            b = (double)(int64_t)(l >> 12) * middle;
            s = a + b;
            rest = b - (s - a);
            told = h > 1 ? (last ? 0x800 : 0) : last;
            found = (s + (rest + (double)(int64_t)told * unit)) * longer;
            out[i] = found * (double)(1 + 2 * sign) / by;
        }
    }

    /* n^2 variances of one sub-stretch: with the whole numbers a that comes, b that goes, and sums s and t after and before
       it, they change by (a - b) * (n * (a + b) - s - t). */
    LW_INLINE void lw_squares(const int64_t *fresh, const int64_t *gone, ptrdiff_t m, int64_t w, int is_short, lw_wide *sum,
                              lw_whole_128 *state, int64_t *high, lw_word *low, int64_t *sums)
    {
        lw_whole_128 d = *state; ptrdiff_t i;
        if (is_short) {
            int64_t s = (int64_t)*sum;
            for (i = 0; i < m; i++) {
                int64_t a = fresh[i], b = gone[i], t = s;
                s += a - b;
                d += (lw_whole_128)((lw_wide)(a - b) * (w * (a + b) - s - t));
                low[i] = (lw_word)d;
                high[i] = (int64_t)(d >> 64);
                sums[i] = s;
            }
            *sum = s;
        } else {
            lw_wide s = *sum;
            for (i = 0; i < m; i++) {
                lw_wide a = fresh[i], b = gone[i], t = s;
                s += a - b;
                d += (lw_whole_128)(a - b) * (lw_whole_128)(w * (a + b) - s - t);
                low[i] = (lw_word)d;
                high[i] = (int64_t)(d >> 64);
                sums[i] = (int64_t)s; /* not asked for again when it does not fit */
            }
            *sum = s;
        }
        *state = d;
    }
    /* n^2 covariances: they change by (a - b) * (n * c - u) + (c - d) * (n * b - t), c and d the other's, u the other's sum
       after, t this one's before. */
    LW_INLINE void lw_crosses(const int64_t *fresh_x, const int64_t *gone_x, const int64_t *fresh_y, const int64_t *gone_y,
                              ptrdiff_t m, int64_t w, int is_short, lw_wide sum_x, lw_wide sum_y, lw_whole_128 *state,
                              int64_t *high, lw_word *low)
    {
        lw_whole_128 d = *state; ptrdiff_t i;
        if (is_short) {
            int64_t t = (int64_t)sum_x, u = (int64_t)sum_y;
            for (i = 0; i < m; i++) {
                int64_t b = gone_x[i], c = fresh_y[i], da = fresh_x[i] - b, dc = c - gone_y[i];
                u += dc;
                d += (lw_whole_128)((lw_wide)da * (w * c - u)) + (lw_whole_128)((lw_wide)dc * (w * b - t));
                t += da;
                low[i] = (lw_word)d;
                high[i] = (int64_t)(d >> 64);
            }
        } else {
            lw_wide t = sum_x, u = sum_y;
            for (i = 0; i < m; i++) {
                lw_wide b = gone_x[i], c = fresh_y[i], da = fresh_x[i] - b, dc = c - gone_y[i];
                u += dc;
                d += (lw_whole_128)da * (lw_whole_128)(w * c - u) + (lw_whole_128)dc * (lw_whole_128)(w * b - t);
                t += da;
                low[i] = (lw_word)d;
                high[i] = (int64_t)(d >> 64);
            }
        }
        *state = d;
    }
    /* Values that come and go in the rows `at` to `at + m`; in the first nothing changes, its window has come already. */
    LW_INLINE void lw_turnover(const double *x, ptrdiff_t at, ptrdiff_t m, ptrdiff_t w, double scale, int64_t away,
                               int64_t *fresh, int64_t *gone)
    {
        lw_whole(x + at + w - 1, m, scale, away, fresh);
        if (at) lw_whole(x + at - 1, m, scale, away, gone);
        else {
            gone[0] = fresh[0];
            lw_whole(x, m - 1, scale, away, gone + 1);
        }
    }

    /* Variances, and means unless `mean` is NULL. */
    LW_INLINE int lw_spread_body(const double *x, ptrdiff_t rows, ptrdiff_t w, double *variance, double *mean)
    {
        int64_t fresh[LW_ROWS], gone[LW_ROWS], high[LW_ROWS], sums[LW_ROWS]; lw_word low[LW_ROWS];
        int g, code, bits = 0; int64_t away; lw_whole_128 d = 0; lw_wide sum = 0; ptrdiff_t i, at, m;
        double n = (double)w, scale, nh, nl, by = 1.0 / n, unit, upper; int64_t base_high, base_low;
        code = lw_grid(x, rows + w - 1, w, &g, &away, &bits);
        if (code <= 0) return code;
        scale = lw_power(-g);
        lw_halves(n, &nh, &nl);
        unit = lw_power(g); upper = lw_power(g + 31);
        base_high = (int64_t)(((lw_wide)away * w) >> 31);
        base_low = (int64_t)(((lw_wide)away * w) & 0x7fffffff);
        for (i = 0; i < w; i++) {
            int64_t a = (int64_t)(x[i] * scale) - away;
            sum += a; d += (lw_whole_128)((lw_wide)a * a);
        }
        d = d * (lw_whole_128)w - (lw_whole_128)(sum * sum);
        for (at = 0; at < rows; at += m) {
            m = rows - at < LW_ROWS ? rows - at : LW_ROWS;
            lw_turnover(x, at, m, w, scale, away, fresh, gone);
            lw_squares(fresh, gone, m, w, bits <= 60, &sum, &d, high, low, sums);
            lw_all_rounded(high, low, m, 2 * g, bits <= 58, 0, n * n, variance + at);
            if (mean && bits <= 60)
                for (i = 0; i < m; i++) {
                    double a = (double)(base_high + (sums[i] >> 31)), b = (double)(base_low + (sums[i] & 0x7fffffff));
                    mean[at + i] = lw_quotient(a * upper, b * unit, nh, nl, by);
                }
        }
        return mean && bits > 60 ? lw_sums(x, rows, w, 1, 0.0, mean, mean) : 1;
    }
    LW_AGES(lw_spread, (const double *x, ptrdiff_t rows, ptrdiff_t w, double *variance, double *mean),
            (x, rows, w, variance, mean))

    /* Covariances, and variances of either. */
    LW_INLINE int lw_cospread_body(const double *x, const double *y, ptrdiff_t rows, ptrdiff_t w, double *both,
                                   double *of_x, double *of_y)
    {
        int64_t fresh_x[LW_ROWS], gone_x[LW_ROWS], fresh_y[LW_ROWS], gone_y[LW_ROWS], high[LW_ROWS], sums[LW_ROWS];
        lw_word low[LW_ROWS];
        int g, h, code, bits_x = 0, bits_y = 0, is_short; int64_t ax, ay;
        lw_wide sx = 0, sy = 0; lw_whole_128 xx = 0, yy = 0, xy = 0;
        double n = (double)w, scale_x, scale_y; ptrdiff_t i, at, m;
        code = lw_grid(x, rows + w - 1, w, &g, &ax, &bits_x);
        if (code <= 0) return code;
        code = lw_grid(y, rows + w - 1, w, &h, &ay, &bits_y);
        if (code <= 0) return code;
        is_short = bits_x <= 60 && bits_y <= 60;
        scale_x = lw_power(-g); scale_y = lw_power(-h);
        for (i = 0; i < w; i++) {
            int64_t a = (int64_t)(x[i] * scale_x) - ax, c = (int64_t)(y[i] * scale_y) - ay;
            sx += a; sy += c;
            xx += (lw_whole_128)((lw_wide)a * a);
            yy += (lw_whole_128)((lw_wide)c * c);
            xy += (lw_whole_128)((lw_wide)a * c);
        }
        xx = xx * (lw_whole_128)w - (lw_whole_128)(sx * sx);
        yy = yy * (lw_whole_128)w - (lw_whole_128)(sy * sy);
        xy = xy * (lw_whole_128)w - (lw_whole_128)(sx * sy);
        for (at = 0; at < rows; at += m) {
            m = rows - at < LW_ROWS ? rows - at : LW_ROWS;
            lw_turnover(x, at, m, w, scale_x, ax, fresh_x, gone_x);
            lw_turnover(y, at, m, w, scale_y, ay, fresh_y, gone_y);
            lw_crosses(fresh_x, gone_x, fresh_y, gone_y, m, w, is_short, sx, sy, &xy, high, low);
            lw_all_rounded(high, low, m, g + h, bits_x + bits_y <= 116, 1, n * n, both + at);
            lw_squares(fresh_x, gone_x, m, w, bits_x <= 60, &sx, &xx, high, low, sums);
            lw_all_rounded(high, low, m, 2 * g, bits_x <= 58, 0, n * n, of_x + at);
            lw_squares(fresh_y, gone_y, m, w, bits_y <= 60, &sy, &yy, high, low, sums);
            lw_all_rounded(high, low, m, 2 * h, bits_y <= 58, 0, n * n, of_y + at);
        }
        return 1;
    }
    LW_AGES(lw_cospread, (const double *x, const double *y, ptrdiff_t rows, ptrdiff_t w, double *both, double *of_x,
                          double *of_y), (x, y, rows, w, both, of_x, of_y))
    #else
    static int lw_spread(const double *x, ptrdiff_t rows, ptrdiff_t w, double *variance, double *mean) { return 0; }
    static int lw_cospread(const double *x, const double *y, ptrdiff_t rows, ptrdiff_t w, double *both, double *of_x,
                           double *of_y) { return 0; }
    #endif

    /* (a + b) / (c + d), rounded once; the weights c + d are not 0 */
    LW_INLINE double lw_share(double a, double b, double c, double d)
    {
        double q = a / c, p = q * c, t = q * LW_SPLITTER, qh = t - (t - q), ql = q - qh, ch, cl, e;
        lw_halves(c, &ch, &cl);
        e = ((qh * ch - p) + qh * cl + ql * ch) + ql * cl;
        return q + ((((a - p) - e) + b) - q * d) / c;
    }
    #if defined(__SIZEOF_INT128__)
    /* Means of x weighted by y; NaN where the weights sum to 0. */
    static int lw_weighted(const double *x, const double *y, ptrdiff_t rows, ptrdiff_t w, double *out)
    {
        int g, h, code, bits; int64_t away, sy = 0; lw_wide xy = 0; ptrdiff_t i;
        double scale_x, scale_y, unit_x, unit_y, low_unit;
        code = lw_grid(x, rows + w - 1, w, &g, &away, &bits);
        if (code <= 0) return code;
        code = lw_grid(y, rows + w - 1, w, &h, NULL, &bits);
        if (code <= 0) return code;
        scale_x = lw_power(-g); scale_y = lw_power(-h);
        unit_x = lw_power(g + h + 53); unit_y = lw_power(h + 32); low_unit = lw_power(g + h);
        for (i = 1 - w; i < rows; i++) {
            int64_t a = (int64_t)(x[i + w - 1] * scale_x), b = (int64_t)(y[i + w - 1] * scale_y);
            double ah, al, bh, bl, high, rest;
            sy += b;
            xy += (lw_wide)a * b;
            if (i < 0) continue;
            ah = (double)(sy >> 32) * unit_y; al = (double)(uint32_t)sy * lw_power(h);
            high = ah + al; rest = al - (high - ah);
            if (xy >> 105 == 0 || xy >> 105 == -1) {
                bh = (double)(int64_t)(xy >> 53) * unit_x;
                bl = (double)((int64_t)xy & 0x1fffffffffffffLL) * low_unit;
                ah = bh + bl; al = bl - (ah - bh);
            } else {
                lw_word parts[4];
                parts[0] = (lw_word)xy; parts[1] = (lw_word)(xy >> 64); parts[2] = parts[3] = xy < 0 ? ~0ULL : 0;
                ah = lw_nearest_pair(parts, g + h, &al);
            }
            out[i] = high == 0.0 ? NAN : lw_share(ah, al, high, rest);
            a = (int64_t)(x[i] * scale_x); b = (int64_t)(y[i] * scale_y);
            sy -= b;
            xy -= (lw_wide)a * b;
        }
        return 1;
    }
    #else
    static int lw_weighted(const double *x, const double *y, ptrdiff_t rows, ptrdiff_t w, double *out) { return 0; }
    #endif

    /* Finishing touches, in the operations of the kernels: roots times a factor; the two edges of a band, from variances
       in `lower`; correlations, from covariances in `out`; quotients. */
    LW_INLINE int lw_roots_body(double *out, ptrdiff_t rows, double factor, int is_root)
    {
        ptrdiff_t i;
        if (is_root) for (i = 0; i < rows; i++) out[i] = sqrt(out[i] * factor);
        else for (i = 0; i < rows; i++) out[i] = out[i] * factor;
        return 1;
    }
    LW_AGES(lw_roots, (double *out, ptrdiff_t rows, double factor, int is_root), (out, rows, factor, is_root))
    LW_INLINE int lw_bands_body(double *upper, const double *middle, double *lower, ptrdiff_t rows, double width)
    {
        ptrdiff_t i;
        for (i = 0; i < rows; i++) {
            double band = width * sqrt(lower[i]);
            upper[i] = middle[i] + band;
            lower[i] = middle[i] - band;
        }
        return 1;
    }
    LW_AGES(lw_bands, (double *upper, const double *middle, double *lower, ptrdiff_t rows, double width),
            (upper, middle, lower, rows, width))
    LW_INLINE double lw_correlation(double both, double of_x, double of_y)
    {
        double root = sqrt(of_x * of_y), found = both / root;
        found = root == 0.0 ? NAN : found;
        found = found > 1.0 ? 1.0 : found;
        return found < -1.0 ? -1.0 : found;
    }
    LW_INLINE int lw_correlations_body(double *out, const double *of_x, const double *of_y, ptrdiff_t rows)
    {
        ptrdiff_t i;
        for (i = 0; i < rows; i++) out[i] = lw_correlation(out[i], of_x[i], of_y[i]);
        return 1;
    }
    LW_AGES(lw_correlations, (double *out, const double *of_x, const double *of_y, ptrdiff_t rows),
            (out, of_x, of_y, rows))

    /* Mean distances from the means, which stand in `mean`; in the order of the window. */
    LW_INLINE int lw_distances_body(const double *x, ptrdiff_t rows, ptrdiff_t w, const double *mean, double *out)
    {
        double sum[LW_ROWS], n = (double)w; ptrdiff_t at, j, k, m;
        for (at = 0; at < rows; at += m) {
            const double *middle = mean + at;
            m = rows - at < LW_ROWS ? rows - at : LW_ROWS;
            for (j = 0; j < m; j++) sum[j] = 0.0;
            for (k = 0; k < w; k++) {
                const double *from = x + at + k;
                for (j = 0; j < m; j++) sum[j] += fabs(from[j] - middle[j]);
            }
            for (j = 0; j < m; j++) out[at + j] = sum[j] / n;
        }
        return 1;
    }
    LW_AGES(lw_distances, (const double *x, ptrdiff_t rows, ptrdiff_t w, const double *mean, double *out),
            (x, rows, w, mean, out))
    """
    int lw_lay(const double *x, Py_ssize_t n, double one_more, int *grid)
    int lw_exchange(unsigned long long *sums, int gx, int gy, double x, double y, int is_away)
    double lw_excess(const unsigned long long *sums, unsigned long long n, int e)
    double lw_nearest_pair(const unsigned long long *sum, int e, double *rest)
    double lw_share(double a, double b, double c, double d)
    int lw_sums(const double *x, Py_ssize_t rows, Py_ssize_t w, int kind, double ahead, double *out, double *second)
    int lw_spread(const double *x, Py_ssize_t rows, Py_ssize_t w, double *variance, double *mean)
    int lw_cospread(const double *x, const double *y, Py_ssize_t rows, Py_ssize_t w, double *both, double *of_x,
                    double *of_y)
    int lw_weighted(const double *x, const double *y, Py_ssize_t rows, Py_ssize_t w, double *out)
    int lw_roots(double *out, Py_ssize_t rows, double factor, int is_root)
    int lw_bands(double *upper, const double *middle, double *lower, Py_ssize_t rows, double width)
    int lw_correlations(double *out, const double *of_x, const double *of_y, Py_ssize_t rows)
    int lw_distances(const double *x, Py_ssize_t rows, Py_ssize_t w, const double *mean, double *out)
