# Loops over columns in C, so that a compiler makes vector instructions of them: each is one pass where a formula over
# columns is several, and none guesses which way a condition goes.
cdef extern from *:
    """
    #include <math.h>
    #include <stddef.h>
    #include <string.h>
    #if defined(__x86_64__) && defined(__GNUC__)
    #define LP_AGES(name, parameters, arguments, ...) \\
        static void name##_old parameters { ptrdiff_t i; __VA_ARGS__ } \\
        __attribute__((target("avx2"))) static void name##_new parameters { ptrdiff_t i; __VA_ARGS__ } \\
        static void name parameters { \\
            __builtin_cpu_init(); \\
            if (__builtin_cpu_supports("avx2")) name##_new arguments; else name##_old arguments; \\
        }
    #else
    #define LP_AGES(name, parameters, arguments, ...) static void name parameters { ptrdiff_t i; __VA_ARGS__ }
    #endif
    LP_AGES(lp_quotients, (const double *a, const double *b, ptrdiff_t n, double *out), (a, b, n, out),
        for (i = 0; i < n; i++) { double q = a[i] / b[i]; out[i] = b[i] == 0.0 ? NAN : q; })
    LP_AGES(lp_greater, (const double *a, const double *b, ptrdiff_t n, double *out), (a, b, n, out),
        for (i = 0; i < n; i++) { double x = a[i], y = b[i]; x = x > y || x != x ? x : y; out[i] = x; })
    LP_AGES(lp_lesser, (const double *a, const double *b, ptrdiff_t n, double *out), (a, b, n, out),
        for (i = 0; i < n; i++) { double x = a[i], y = b[i]; x = x < y || x != x ? x : y; out[i] = x; })
    LP_AGES(lp_greater_than, (const double *a, double y, ptrdiff_t n, double *out), (a, y, n, out),
        for (i = 0; i < n; i++) { double x = a[i]; x = x > y || x != x ? x : y; out[i] = x; })
    LP_AGES(lp_lesser_than, (const double *a, double y, ptrdiff_t n, double *out), (a, y, n, out),
        for (i = 0; i < n; i++) { double x = a[i]; x = x < y || x != x ? x : y; out[i] = x; })
    LP_AGES(lp_chosen, (const unsigned char *which, const double *a, const double *b, ptrdiff_t n, double *out),
        (which, a, b, n, out), for (i = 0; i < n; i++) { double x = a[i], y = b[i]; out[i] = which[i] ? x : y; })
    """
    void lp_quotients(const double *a, const double *b, Py_ssize_t n, double *out)
    void lp_greater(const double *a, const double *b, Py_ssize_t n, double *out)
    void lp_lesser(const double *a, const double *b, Py_ssize_t n, double *out)
    void lp_greater_than(const double *a, double y, Py_ssize_t n, double *out)
    void lp_lesser_than(const double *a, double y, Py_ssize_t n, double *out)
    void lp_chosen(const unsigned char *is_a, const double *a, const double *b, Py_ssize_t n, double *out)
