cdef class Rows:
    cdef object store
    cdef double *cells
    cdef readonly Py_ssize_t width
    cdef readonly Py_ssize_t count
    cdef Py_ssize_t capacity
    cdef bint is_seen
    cdef Py_ssize_t add(self)
    cdef int reserve(self, Py_ssize_t rows)
    cdef int take(self, Py_ssize_t rows)
