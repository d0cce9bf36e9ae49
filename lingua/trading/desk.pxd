from lingua.trading.account cimport Book
from lingua.trading.evaluator cimport Evaluator
from lingua.trading.limits cimport Limits
from lingua.trading.market cimport Market
from lingua.trading.plan cimport Options, RuleSpec
from lingua.trading.working cimport Order

cdef class Desk:
    cdef readonly Book book
    cdef readonly Options options
    cdef readonly Limits limits
    cdef readonly int symbols
    cdef double equity
    cdef double cash
    cdef long long ts
    cdef int symbol
    cdef bint is_settled
    cdef double gap
    cdef Evaluator evaluator
    cdef int begin(self, long long ts)
    cdef int refuse(self, int kind, RuleSpec rule, Market market, double quantity, int why, double a, double b)
    cdef int submit(self, Order order)
    cdef double pending(self, int market)
    cdef int refuse_limit(self, RuleSpec rule, Order order)
