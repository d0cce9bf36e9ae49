from lingua.trading.account cimport Book
from lingua.trading.evaluator cimport Evaluator
from lingua.trading.limits cimport Limits
from lingua.trading.market cimport Market
from lingua.trading.plan cimport ActionSpec, ExitSpec, GroupSpec, Options, RuleSpec
from lingua.trading.position cimport Exit, Position, Unit
from lingua.trading.rows cimport Rows
from lingua.trading.working cimport Order

cdef class Decider:
    cdef readonly Book book
    cdef readonly Options options
    cdef readonly Limits limits
    cdef readonly list evaluators
    cdef readonly list rules
    cdef readonly list filters
    cdef readonly Rows fired
    cdef readonly list watch
    cdef readonly Rows watched
    cdef readonly int symbols
    cdef public list starts
    cdef public list settles
    cdef public list gaps
    cdef public list episodes
    cdef public list spent
    cdef public long long next_either
    cdef readonly bint has_once
    cdef double equity
    cdef double cash
    cdef long long ts
    cdef int symbol
    cdef bint is_settled
    cdef double gap
    cdef Evaluator evaluator
    cdef list blocks_long
    cdef list blocks_short
    cdef int begin(self, long long ts)
    cdef int decide(self, int symbol, bint is_loaded, double gap)
    cdef int _note_watched(self, int symbol, Market market, Evaluator evaluator)
    cdef int follow(self, int symbol)
    cdef int _load_account(self, int symbol, Evaluator evaluator)
    cdef int _follow(self, int symbol)
    cdef int _follow_unit(self, Market market, Position position, Unit unit)
    cdef bint _is_over(self, Market market, Unit unit, int life, double length)
    cdef int _leave(self, Market market, Unit unit, int reason)
    cdef int flatten(self)
    cdef GroupSpec _active(self, int symbol, RuleSpec rule)
    cdef int _note_blocks(self, GroupSpec group)
    cdef Market _market(self, ActionSpec action)
    cdef int _reductions(self, RuleSpec rule, GroupSpec group)
    cdef int _reduce(self, RuleSpec rule, ActionSpec action, long long either)
    cdef int _send_reduction(self, RuleSpec rule, ActionSpec action, Market market, double quantity, int reason, long long either)
    cdef double _pending(self, int market)
    cdef int _cancel(self, RuleSpec rule, ActionSpec action)
    cdef double _wanted(self, ActionSpec action)
    cdef int _target_down(self, RuleSpec rule, ActionSpec action)
    cdef int _increases(self, RuleSpec rule, GroupSpec group)
    cdef Order _increase(self, RuleSpec rule, ActionSpec action, long long either, bint in_group)
    cdef Order _target_up(self, RuleSpec rule, ActionSpec action, bint in_group)
    cdef Order _prepare(self, RuleSpec rule, ActionSpec action, Market market, int side, double quantity, long long either, bint in_group)
    cdef bint _is_barred(self, RuleSpec rule, Market market, int side)
    cdef bint _is_taken(self, RuleSpec rule, Market market, Position position, int side, long long either)
    cdef int _price(self, Order order, ActionSpec action, Market market)
    cdef int _attach(self, Order order, ActionSpec action, Market market, double reference)
    cdef double _amount(self, Order order, ActionSpec action, Market market, double reference)
    cdef double _released(self, Market market, int side)
    cdef double _buffer(self, Order order)
    cdef bint _fit_cash(self, Order order, Market market, double free)
    cdef bint _finish(self, Order order)
    cdef int _submit(self, Order order)
    cdef int _live(self, Order order, ActionSpec action)
    cdef int _refuse(self, int kind, RuleSpec rule, Market market, double quantity, int why, double a, double b)
    cdef double _reference(self, Order order, Market market)
    cdef bint _is_small(self, RuleSpec rule, Market market, double change)
    cdef int _note_episode(self, int symbol, RuleSpec rule)
    cdef bint _is_spent(self, RuleSpec rule)
    cdef int withdraw_all(self)
    cdef bint _fit_limits(self, list[Order] orders, RuleSpec rule)
    cdef int _refuse_limit(self, RuleSpec rule, Order order)
