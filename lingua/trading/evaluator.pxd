cdef class Evaluator:
    cdef object store
    cdef double *registers
    cdef unsigned char *is_truth
    cdef double **numbers
    cdef unsigned char **truths
    cdef int *code
    cdef readonly Py_ssize_t count
    cdef readonly Py_ssize_t size
    cdef readonly Py_ssize_t series
    cdef readonly Py_ssize_t offset
    cdef readonly Py_ssize_t bars
    cdef readonly Py_ssize_t first
    cdef readonly bint is_stateful
    cdef int load(self, Py_ssize_t bar)
    cdef int run(self)
    cdef double value(self, Py_ssize_t slot)
