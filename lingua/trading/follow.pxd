from lingua.trading.account cimport Book
from lingua.trading.desk cimport Desk
from lingua.trading.limits cimport Limits
from lingua.trading.market cimport Market
from lingua.trading.position cimport Position, Unit

cdef class Follower:
    cdef readonly Desk desk
    cdef readonly Book book
    cdef readonly Limits limits
    cdef int follow(self, int symbol)
    cdef int _follow_unit(self, Market market, Position position, Unit unit)
    cdef bint _is_over(self, Market market, Unit unit, int life, double length)
    cdef int _leave(self, Market market, Unit unit, int reason)
