from lingua.trading.account cimport Book
from lingua.trading.given cimport Given
from lingua.trading.market cimport Market
from lingua.trading.plan cimport Options
from lingua.trading.position cimport Exit, Position, Unit
from lingua.trading.working cimport Order

cdef class Walk:
    cdef readonly Book book
    cdef readonly Options options
    cdef readonly Given given
    cdef Market market
    cdef Position position
    cdef double o
    cdef double h
    cdef double l
    cdef double c
    cdef double v
    cdef double price
    cdef long long open_ts
    cdef bint is_undecided
    cdef double most
    cdef int step(self, Market market)
    cdef int _reported(self, Market market, Position position, Py_ssize_t i)
    cdef int _corporate(self, Market market, Position position)
    cdef int _carry(self, Market market, Position position, long long since, long long until)
    cdef int _late_auctions(self)
    cdef int _bar(self, double o, double h, double l, double c, double v, long long open_ts, long long ts)
    cdef bint _waits(self, Order order, long long open_ts)
    cdef int _open_orders(self, long long open_ts)
    cdef int _slice(self, Order order)
    cdef bint _is_spent(self, Order order)
    cdef int _open_exits(self)
    cdef int _guard(self)
    cdef int _liquidate(self, double price, double raw)
    cdef int _leg(self, int direction, double end, bint is_second)
    cdef int _close_of_bar(self)
    cdef bint _through(self, int side, double limit, double price)
    cdef double _cap(self, double quantity)
    cdef int _fill(self, Order order, double price, bint is_maker, bint slips)
    cdef int _settle_fresh(self, Unit unit, Order order)
    cdef int _stop_out(self, Unit unit, double price, bint is_ambiguous)
    cdef int _hit_targets(self, Unit unit, double price, bint is_ambiguous, bint only_one)
    cdef int _extremes(self, double low, double high)
    cdef bint _target_reached(self, Unit unit, double price)
    cdef bint _is_live(self, Unit unit)
    cdef int _age(self)
    cdef int _first_leg(self)
    cdef bint _reaches(self, Order order, int direction)
    cdef double _beyond(self, double level, int direction)
    cdef int _doubt(self, Unit unit)
    cdef bint _rung(self, Unit unit, Exit e, double price, bint only_one)
    cdef int _rest(self, Unit unit, double quantity, int reason, double limit)
