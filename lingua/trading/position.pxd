from lingua.trading.market cimport Market
from lingua.trading.plan cimport ExitSpec

cdef class Exit:
    cdef readonly ExitSpec spec
    cdef public int number
    cdef public double value
    cdef public double closing
    cdef public double after
    cdef public double life
    cdef public double level
    cdef public double after_level
    cdef public bint is_armed
    cdef public bint is_done
    cdef public bint takes_rest

cdef class Unit:
    cdef public long long id
    cdef public int market
    cdef public int owner
    cdef public int side
    cdef public double quantity
    cdef public double original
    cdef public double entry
    cdef public long long entry_bar
    cdef public long long entry_detail
    cdef public bint entry_at_open
    cdef public long long entry_ts
    cdef public long long entry_session
    cdef public int rule
    cdef public int tag
    cdef public double r
    cdef public double planned_risk
    cdef public double commission
    cdef public double slippage
    cdef public double carry
    cdef public double high
    cdef public double low
    cdef public double reach
    cdef public double stop
    cdef public int stop_kind
    cdef public double target
    cdef public bint is_before_settle
    cdef public bint is_ambiguous
    cdef public bint is_target
    cdef public bint is_leaving
    cdef public bint is_fresh
    cdef public bint is_off_open
    cdef public long long guarded_from
    cdef public long long fill_row
    cdef public list exits
    cdef int anchor(self, Market market, bint keep_r)
    cdef double _stop_price(self, Exit e, Market market)
    cdef int refresh(self)
    cdef double distance(self, int form, double value)
    cdef int scale(self, double factor)

cdef class Position:
    cdef public int market
    cdef public double quantity
    cdef public double entry
    cdef public double dust
    cdef public double dust_cost
    cdef public double last_fill
    cdef public double last_unit_fill
    cdef public long long closed_bar
    cdef public long long closed_ts
    cdef public long long closed_session
    cdef public bint was_long
    cdef public bint was_short
    cdef public bint needs_close
    cdef public double lower
    cdef public double upper
    cdef public double recorded
    cdef public list units
    cdef int total(self)
    cdef int bounds(self)
    cdef Unit first(self)
    cdef Unit newest(self)
