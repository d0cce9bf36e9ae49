from lingua.trading.account cimport Book
from lingua.trading.market cimport Market
from lingua.trading.position cimport Exit, Position, Unit
from lingua.trading.working cimport Order

cdef class Given:
    cdef readonly Book book
    cdef public list queue
    cdef readonly dict opened
    cdef readonly dict executed
    cdef double _part(self, Market market, Unit unit, Exit e)
    cdef int apply(self, Market market)
    cdef int _fill(self, Market market, Position position, object report)
    cdef int _exit(self, Market market, Position position, object report)
    cdef int _end(self, Market market, object report)
    cdef int _leave(self, Market market, Unit unit, Order order, double price)
    cdef int _dust(self, Market market, Position position, object report)
    cdef Order find(self, int market, long long number)
    cdef object _brackets(self, Unit unit)
