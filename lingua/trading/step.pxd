from lingua.trading.account cimport Book
from lingua.trading.decide cimport Decider
from lingua.trading.fills cimport Walk
from lingua.trading.limits cimport Limits
from lingua.trading.market cimport Market
from lingua.trading.plain cimport Plain
from lingua.trading.position cimport Position, Unit
from lingua.trading.rows cimport Rows

cdef class Machine:
    cdef readonly Book book
    cdef readonly Limits limits
    cdef readonly Decider decider
    cdef readonly Walk walk
    cdef readonly Rows changes
    cdef readonly Rows holdings
    cdef public Plain plain
    cdef object store
    cdef long long *clock
    cdef long long *days
    cdef list attention_store
    cdef unsigned char *attention
    cdef list gaps
    cdef list begins
    cdef readonly Py_ssize_t instants
    cdef readonly Py_ssize_t at
    cdef readonly bint is_ruined
    cdef readonly int symbols
    cdef bint may_skip
    cdef bint looks_always
    cdef bint is_single
    cdef double last_cash
    cdef long long last_ts
    cdef int _instant(self, long long ts, long long day, bint is_live)
    cdef Py_ssize_t _quiet(self, Py_ssize_t stop)
    cdef Py_ssize_t _quiet_flat(self, Market market, Py_ssize_t stop)
    cdef Py_ssize_t _quiet_held(self, Market market, Position position, Py_ssize_t stop)
    cdef int _plainly(self, Py_ssize_t until)
    cdef int _record(self)
    cdef int _pass_over(self, Market market, Py_ssize_t i)
