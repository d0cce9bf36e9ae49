# What other compiled modules see of a window: the values it holds and their exact sums.
from lingua.indicators.kernel cimport Kernel

cdef class Pair:
    cdef double high
    cdef double low
    cdef bint is_exact
    cdef int add(self, double x)
    cdef int exchange(self, double x, double y)
    cdef int add_times(self, double x, double factor)
    cdef int set_whole(self, object total)
    cdef double divided(self, double n)
    cdef int clear(self)
    cdef int assign(self, Pair other)

cdef class Window(Kernel):
    cdef Py_ssize_t length
    cdef Py_ssize_t count
    cdef Py_ssize_t start
    cdef bint is_weighted
    cdef double[::1] cells
    cdef Pair total
    cdef Pair moment
    cdef object whole_total
    cdef object whole_moment
    cdef Py_ssize_t whole_left
    cdef bint roll(self, double x)
    cdef bint push(self, double x)
    cdef int push_whole(self, double x, double oldest, bint is_full)
    cdef int round_whole(self)
    cdef int add_again(self)
    cdef double mean(self)
    cdef int sweep(self, double *x, double *y, Py_ssize_t rows, double *out, double *second, double *third)
    cdef int assign_window(self, Window other)
