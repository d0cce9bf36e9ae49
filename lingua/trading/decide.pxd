from lingua.trading.account cimport Book
from lingua.trading.desk cimport Desk
from lingua.trading.evaluator cimport Evaluator
from lingua.trading.follow cimport Follower
from lingua.trading.legs cimport Legs
from lingua.trading.limits cimport Limits
from lingua.trading.market cimport Market
from lingua.trading.plan cimport ActionSpec, GroupSpec, Options, RuleSpec
from lingua.trading.position cimport Position
from lingua.trading.rows cimport Rows
from lingua.trading.sizing cimport Sizer
from lingua.trading.working cimport Order

cdef class Decider:
    cdef readonly Desk desk
    cdef readonly Follower follower
    cdef readonly Sizer sizer
    cdef readonly Legs legs
    cdef readonly Book book
    cdef readonly Options options
    cdef readonly Limits limits
    cdef readonly list evaluators
    cdef readonly list rules
    cdef readonly list filters
    cdef readonly Rows fired
    cdef readonly list watch
    cdef readonly Rows watched
    cdef public list starts
    cdef public list settles
    cdef public list gaps
    cdef public list episodes
    cdef public list spent
    cdef public long long next_either
    cdef readonly bint has_once
    cdef list blocks_long
    cdef list blocks_short
    cdef int decide(self, int symbol, bint is_loaded, double gap)
    cdef int _note_watched(self, int symbol, Market market, Evaluator evaluator)
    cdef int follow(self, int symbol)
    cdef int _load_account(self, int symbol, Evaluator evaluator)
    cdef int flatten(self)
    cdef int withdraw_all(self)
    cdef GroupSpec _active(self, int symbol, RuleSpec rule)
    cdef int _note_episode(self, int symbol, RuleSpec rule)
    cdef bint _is_spent(self, RuleSpec rule)
    cdef Market _market(self, ActionSpec action)
    cdef int _note_blocks(self, GroupSpec group)
    cdef int _reductions(self, RuleSpec rule, GroupSpec group)
    cdef bint _has_na(self, RuleSpec rule, GroupSpec group)
    cdef double _reduced(self, ActionSpec action)
    cdef int _reduce(self, RuleSpec rule, ActionSpec action, long long either)
    cdef int _send_reduction(self, RuleSpec rule, ActionSpec action, Market market, double quantity, int reason, long long either)
    cdef int _hurry(self, Market market, int why)
    cdef int _cancel(self, RuleSpec rule, ActionSpec action)
    cdef double _wanted(self, ActionSpec action)
    cdef bint _is_small(self, RuleSpec rule, Market market, double change)
    cdef int _target_down(self, RuleSpec rule, ActionSpec action)
    cdef Order _target_up(self, RuleSpec rule, ActionSpec action, bint in_group)
    cdef int _increases(self, RuleSpec rule, GroupSpec group)
    cdef int _note_leaving(self, GroupSpec group)
    cdef int _forget_leaving(self)
    cdef int _together(self, RuleSpec rule, GroupSpec group)
    cdef int _one_by_one(self, RuleSpec rule, GroupSpec group)
    cdef Order _increase(self, RuleSpec rule, ActionSpec action, long long either, bint in_group)
    cdef Order _prepare(self, RuleSpec rule, ActionSpec action, Market market, int side, double quantity, long long either, bint in_group)
    cdef bint _is_barred(self, RuleSpec rule, Market market, int side)
    cdef bint _is_taken(self, RuleSpec rule, Market market, Position position, int side, long long either)
