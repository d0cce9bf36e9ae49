cdef class Order:
    cdef public long long id
    cdef public int market
    cdef public int owner
    cdef public int side
    cdef public int kind
    cdef public int reason
    cdef public int rule
    cdef public int tag
    cdef public bint is_increase
    cdef public bint is_target
    cdef public double quantity
    cdef public double filled
    cdef public double notional
    cdef public double share_commission
    cdef public double charged
    cdef public double limit
    cdef public double stop
    cdef public bint is_triggered
    cdef public bint is_arrived
    cdef public long long bars_left
    cdef public long long until_ts
    cdef public long long until_session
    cdef public long long placed_ts
    cdef public long long placed_session
    cdef public long long eligible_ts
    cdef public long long wait_bars
    cdef public double reserve
    cdef public double reserve_each
    cdef public long long either
    cdef public int size_by
    cdef public double size_value
    cdef public long long unit
    cdef public double risk_each
    cdef public bint is_before_settle
    cdef public bint is_done
    cdef public long long walked_ts
    cdef public double asked
    cdef public int ended
    cdef public double show
    cdef public list shares
    cdef public list exits
    cdef bint is_priced(self)
    cdef bint is_sliced(self)
