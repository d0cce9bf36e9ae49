from lingua.trading.account cimport Book
from lingua.trading.desk cimport Desk
from lingua.trading.limits cimport Limits
from lingua.trading.market cimport Market
from lingua.trading.plan cimport ActionSpec, Options, RuleSpec
from lingua.trading.working cimport Order

cdef class Sizer:
    cdef readonly Desk desk
    cdef readonly Book book
    cdef readonly Options options
    cdef readonly Limits limits
    cdef int price(self, Order order, ActionSpec action, Market market)
    cdef double reference(self, Order order, Market market)
    cdef int live(self, Order order, ActionSpec action)
    cdef int attach(self, Order order, ActionSpec action, Market market, double reference)
    cdef double amount(self, Order order, ActionSpec action, Market market, double reference)
    cdef double released(self, Market market, int side)
    cdef double buffer(self, Order order)
    cdef bint fit_limits(self, list[Order] orders, RuleSpec rule)
    cdef bint fit_cash(self, Order order, Market market, double free)
    cdef bint finish(self, Order order)
