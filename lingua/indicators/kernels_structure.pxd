# What other compiled modules see of a machine: one step from `given` to `out`.
cdef class Machine:
    cdef readonly Py_ssize_t arity
    cdef readonly Py_ssize_t width
    cdef double[::1] given
    cdef double[::1] out
    cdef int step(self)
    cdef int take(self)
