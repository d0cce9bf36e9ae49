from lingua.trading.account cimport Book
from lingua.trading.desk cimport Desk
from lingua.trading.limits cimport Limits
from lingua.trading.market cimport Market
from lingua.trading.plan cimport Options
from lingua.trading.position cimport Position, Unit
from lingua.trading.working cimport Order

cdef class LegGroup:
    cdef public list orders
    cdef public long long first_ts
    cdef public bint is_completing

cdef class Legs:
    cdef readonly Desk desk
    cdef readonly Book book
    cdef readonly Options options
    cdef readonly Limits limits
    cdef public list groups
    cdef int send(self, object orders)
    cdef int watch(self, long long ts)
    cdef bint _is_open(self, LegGroup group, long long ts)
    cdef bint _is_left(self, LegGroup group)
    cdef int _complete(self, LegGroup group)
    cdef int _unwind(self, LegGroup group)
    cdef int _sweep(self, LegGroup group)
