from lingua.trading.market cimport Market
from lingua.trading.plan cimport Options
from lingua.trading.position cimport Position, Unit
from lingua.trading.rows cimport Rows
from lingua.trading.working cimport Order

cdef class Book:
    cdef readonly Options options
    cdef readonly list markets
    cdef readonly list positions
    cdef readonly list orders
    cdef readonly Rows fills
    cdef readonly Rows trades
    cdef readonly Rows events
    cdef public double cash
    cdef public double capital
    cdef public long long instant
    cdef public long long next_order
    cdef public long long next_trade
    cdef public double cost_commission
    cdef public double cost_slippage
    cdef public double cost_funding
    cdef public double cost_borrow
    cdef public double cost_interest
    cdef public double cost_dividends
    cdef public long long ambiguous
    cdef public double traded
    cdef public list tier_trades
    cdef public double tier_notional
    cdef public long long tier_head
    cdef public long long at_detail
    cdef public bint at_open
    cdef public double path_low
    cdef public double path_high
    cdef public bint is_given
    cdef public double fee
    cdef public bint is_last
    cdef public double reported
    cdef public dict ended
    cdef int event(self, int kind, Market market, int rule, long long order, double quantity, double price, int why, double a, double b)
    cdef double value_of(self, Market market, Position position)
    cdef double equity(self)
    cdef double free_cash(self)
    cdef double reserved(self)
    cdef double liquidation_price(self, int index)
    cdef double commission_rate(self, bint is_maker)
    cdef double commission(self, double quantity, double notional, bint is_maker)
    cdef double _bounded(self, double due, double notional)
    cdef double order_commission(self, Order order, double quantity, double notional, bint is_maker)
    cdef double unit_cost(self, Market market, double price)
    cdef double affordable(self, Market market, double price, double free, double buffer)
    cdef double slipped(self, Market market, int side, double price, double quantity, double volume)
    cdef int note_traded(self, Market market, double notional)
    cdef double resize(self, Order order, Market market, double price)
    cdef int _tighten(self, Position position, Unit newest)
    cdef int _cancel_siblings(self, Order order)
    cdef Unit enter(self, Order order, double quantity, double price, double raw, bint is_maker, bint is_ambiguous)
    cdef double reduce(self, Market market, Unit only, double quantity, double price, double raw, Order order, int rule, int reason, bint is_maker, bint is_ambiguous, double fee_share)
    cdef int _close_piece(self, Market market, Unit unit, double piece, double price, double commission, double slippage, int rule, int reason, bint is_ambiguous, double extra)
    cdef int _to_dust(self, Market market, Position position, double price, int reason)
    cdef int cancel(self, Order order, int kind, int why)
    cdef int withdraw(self, int market, int side, int why)
    cdef int sweep(self, int market)
    cdef long long _record_fill(self, Market market, int side, double quantity, double price, double commission, double slippage, long long order, int rule, int reason, bint is_maker, bint is_ambiguous)
