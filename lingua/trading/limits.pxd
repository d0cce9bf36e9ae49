from lingua.trading.account cimport Book
from lingua.trading.market cimport Market
from lingua.trading.plan cimport LimitSpec
from lingua.trading.working cimport Order

cdef class Limit:
    cdef readonly LimitSpec spec
    cdef readonly int number
    cdef public long long period
    cdef public double base
    cdef public bint is_tripped
    cdef public bint is_breached
    cdef public double until_session
    cdef public double until_ts
    cdef public double until_instant

cdef class Limits:
    cdef readonly list limits
    cdef readonly Book book
    cdef public double peak
    cdef public double floor
    cdef public bint watches_equity
    cdef public bint watches_sessions
    cdef readonly bint watches_hours
    cdef public double last_equity
    cdef public long long last_day
    cdef public long long halted_at
    cdef public int blocker
    cdef public double blocked_value
    cdef public double blocked_limit
    cdef readonly bint has_holding
    cdef int roll(self, long long day, long long ts)
    cdef int watch(self, double equity, long long day, long long session, long long ts)
    cdef double floor_at(self, double peak)
    cdef bint is_halted(self)
    cdef bint must_flatten(self)
    cdef int halted_by(self)
    cdef double room(self, list[Order] orders, double equity)
    cdef int count_order(self)
    cdef double _add(self, double total, double value, Order order)
    cdef int _refuse(self, Limit limit, double bound, double value)
    cdef double _worth(self, Order order)
    cdef double _released(self, Order order)
    cdef double _risk(self, Order order)
