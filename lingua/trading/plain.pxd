from lingua.trading.account cimport Book
from lingua.trading.evaluator cimport Evaluator
from lingua.trading.market cimport Market
from lingua.trading.plan cimport Options
from lingua.trading.position cimport Position
from lingua.trading.rows cimport Rows

cdef class Plain:
    cdef Book book
    cdef Market market
    cdef Position position
    cdef Evaluator evaluator
    cdef Options options
    cdef tuple tables
    cdef object store
    cdef object active
    cdef object coming
    cdef Rows gaps
    cdef list ranges
    cdef int *rules
    cdef int *filters
    cdef int *truths
    cdef long long *upcoming
    cdef long long *ts
    cdef long long *open_ts
    cdef unsigned char *tradable
    cdef double *o
    cdef double *h
    cdef double *l
    cdef double *c
    cdef unsigned char *is_truth
    cdef double **numbers
    cdef unsigned char **truth_columns
    cdef double *registers
    cdef double *fill_cells
    cdef double *trade_cells
    cdef double *event_cells
    cdef double *change_cells
    cdef double *holding_cells
    cdef double *gap_cells
    cdef Py_ssize_t rule_count
    cdef Py_ssize_t filter_count
    cdef Py_ssize_t start
    cdef Py_ssize_t settles
    cdef Py_ssize_t offset
    cdef Py_ssize_t at
    cdef Py_ssize_t began
    cdef Py_ssize_t bar
    cdef Py_ssize_t entry_bar
    cdef Py_ssize_t guarded_from
    cdef Py_ssize_t closed_bar
    cdef Py_ssize_t fill_count
    cdef Py_ssize_t trade_count
    cdef Py_ssize_t event_count
    cdef Py_ssize_t change_count
    cdef Py_ssize_t holding_count
    cdef Py_ssize_t gap_count
    cdef Py_ssize_t fill_room
    cdef Py_ssize_t trade_room
    cdef Py_ssize_t event_room
    cdef Py_ssize_t change_room
    cdef Py_ssize_t holding_room
    cdef Py_ssize_t gap_room
    cdef double multiplier
    cdef double tick
    cdef double tick_inverse
    cdef double lot
    cdef double lot_inverse
    cdef double min_quantity
    cdef double min_notional
    cdef double rate
    cdef double maker_rate
    cdef double per_order
    cdef double per_unit
    cdef double fee_minimum
    cdef double kept_margin
    cdef double slippage
    cdef double slippage_ticks
    cdef double through_ticks
    cdef double cash_buffer
    cdef double order_buffer
    cdef double mark
    cdef double cash
    cdef double last_cash
    cdef double recorded
    cdef double commission_paid
    cdef double slippage_paid
    cdef double traded
    cdef double last_fill
    cdef double last_unit_fill
    cdef double quantity
    cdef double entry
    cdef double unit_fee
    cdef double unit_slippage
    cdef double unit_high
    cdef double unit_low
    cdef double unit_r
    cdef double stop
    cdef double target
    cdef double stop_value
    cdef double target_value
    cdef double size_value
    cdef double order_quantity
    cdef double at_open
    cdef double path_low
    cdef double path_high
    # Numbers and counts take turns: where two that are copied stand together the compiler loads both at once, and that
    # waits for the two stores before.
    cdef double kept_cash
    cdef Py_ssize_t kept_fills
    cdef double kept_last_cash
    cdef Py_ssize_t kept_trades
    cdef double kept_commission
    cdef Py_ssize_t kept_events
    cdef double kept_slippage
    cdef Py_ssize_t kept_changes
    cdef double kept_traded
    cdef Py_ssize_t kept_holdings
    cdef double kept_fill
    cdef Py_ssize_t kept_gaps
    cdef double kept_unit_fill
    cdef Py_ssize_t kept_closed
    cdef long long kept_order
    cdef long long kept_trade
    cdef long long kept_ambiguous
    cdef long long next_order
    cdef long long next_trade
    cdef long long ambiguous
    cdef long long unit_id
    cdef long long order_id
    cdef long long placed_ts
    cdef int pending
    cdef int size_by
    cdef int stop_form
    cdef int target_form
    cdef int order_rule
    cdef int order_tag
    cdef int unit_rule
    cdef int unit_tag
    cdef double lowest
    cdef double warmth
    cdef Py_ssize_t warm
    cdef bint is_ordinary
    cdef bint is_bare
    cdef bint is_direct
    cdef bint fills_on_touch
    cdef bint is_reserved
    cdef bint sizes_at_fill
    cdef bint guards_from_next
    cdef bint has_series
    cdef bint is_before_settle
    cdef bint order_before_settle
    cdef Py_ssize_t walk(self, Py_ssize_t at, Py_ssize_t until, unsigned char *attention, double last_cash)
    cdef int _keep(self, Py_ssize_t at) noexcept nogil
    cdef int _walk(self, unsigned char *attention, Py_ssize_t until) noexcept nogil
    cdef Py_ssize_t _next(self, unsigned char *attention, Py_ssize_t i, Py_ssize_t until, int buys) noexcept nogil
    cdef int _gap(self, Py_ssize_t began, Py_ssize_t i) noexcept nogil
    cdef int _warm(self, Py_ssize_t i, Py_ssize_t until) noexcept nogil
    cdef int _mark_before(self, Py_ssize_t i) noexcept nogil
    cdef int _record(self, Py_ssize_t i) noexcept nogil
    cdef bint _will_be_bare(self) noexcept nogil
    cdef int _fill_at_open(self, Py_ssize_t i, double o) noexcept nogil
    cdef int _fill_bar(self, Py_ssize_t i, double o, double h, double l) noexcept nogil
    cdef double _ruin(self) noexcept nogil
    cdef int _extremes(self, double l, double h) noexcept nogil
    cdef bint _reaches(self, double price) noexcept nogil
    cdef double _slipped(self, int side, double price) noexcept nogil
    cdef double _fee(self, double quantity, double notional, double rate) noexcept nogil
    cdef double _order_fee(self, double quantity, double notional) noexcept nogil
    cdef double _affordable(self, double price, double free, double buffer) noexcept nogil
    cdef double _grid(self, double x, double step, double inverse, bint up) noexcept nogil
    cdef bint _is_below_minimum(self, double quantity, double price) noexcept nogil
    cdef int _enter(self, Py_ssize_t i, double o) noexcept nogil
    cdef int _leave(self, Py_ssize_t i, double price, double raw, int rule, int reason, bint is_maker, bint is_ambiguous, bint is_order) noexcept nogil
    cdef int _row_fill(self, Py_ssize_t i, int side, double quantity, double price, double fee, double slippage, long long order, int rule, int reason, bint is_maker, bint is_ambiguous) noexcept nogil
    cdef int _row_event(self, Py_ssize_t i, int kind, int rule, long long order, double quantity, double price, int why, double a, double b) noexcept nogil
    cdef double _value(self, Py_ssize_t slot, Py_ssize_t i) noexcept nogil
    cdef int _decide(self, Py_ssize_t i) noexcept nogil
    cdef Py_ssize_t _filtered(self, Py_ssize_t i) noexcept nogil
    cdef int _size(self, Py_ssize_t i, Py_ssize_t spec, double equity) noexcept nogil
    cdef int _submit(self, Py_ssize_t i, double quantity, double asked, bint is_increase) noexcept nogil
