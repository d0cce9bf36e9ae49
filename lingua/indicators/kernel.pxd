# What other compiled modules see of a kernel: one step for four numbers, and its further outputs.
cdef class Kernel:
    cdef readonly int arity
    cdef readonly int width
    cdef double second
    cdef double third
    cdef double step(self, double a, double b, double c, double d)
    cdef double take(self, double a, double b, double c, double d)
