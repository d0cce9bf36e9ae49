cdef class Market:
    cdef readonly int index
    cdef readonly str symbol
    cdef readonly Py_ssize_t size
    cdef readonly Py_ssize_t bar
    cdef readonly Py_ssize_t detail_size
    cdef readonly Py_ssize_t first
    cdef readonly Py_ssize_t first_detail
    cdef object store
    cdef bint is_grown
    cdef Py_ssize_t capacity
    cdef Py_ssize_t detail_capacity
    cdef double *open
    cdef double *high
    cdef double *low
    cdef double *close
    cdef double *volume
    cdef long long *ts
    cdef long long *open_ts
    cdef long long *session
    cdef unsigned char *tradable
    cdef long long *detail_from
    cdef double *detail_open
    cdef double *detail_high
    cdef double *detail_low
    cdef double *detail_close
    cdef double *detail_volume
    cdef long long *detail_ts
    cdef long long *detail_open_ts
    cdef unsigned char *detail_tradable
    cdef readonly bint has_detail
    cdef readonly bint has_volume
    cdef readonly bint has_fine_volume
    cdef readonly bint is_daily
    cdef readonly bint is_calendar
    cdef readonly bint may_short
    cdef readonly bint is_perp
    cdef readonly bint fee_in_base
    cdef readonly double multiplier
    cdef readonly double tick
    cdef readonly double tick_inverse
    cdef readonly double lot
    cdef readonly double lot_inverse
    cdef readonly double min_quantity
    cdef readonly double min_notional
    cdef readonly double initial_margin
    cdef readonly double maintenance_margin
    cdef readonly double liquidation_fee
    cdef public double mark
    cdef public double leaving
    cdef public bint is_profiled
    cdef long long place
    cdef list profile
    cdef list profiled
    cdef long long session_first
    cdef long long session_open_ts
    cdef public Py_ssize_t next_action
    cdef list actions
    cdef int learn(self)
    cdef double passive(self, double price, int side)
    cdef double lots(self, double quantity)
    cdef bint is_below_minimum(self, double quantity, double price)
    cdef long long elapsed_sessions(self, long long since)
