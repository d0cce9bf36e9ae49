cdef class ExitSpec:
    cdef readonly int kind
    cdef readonly int form
    cdef readonly Py_ssize_t slot
    cdef readonly Py_ssize_t closing_slot
    cdef readonly bint closing_is_quantity
    cdef readonly int after_form
    cdef readonly Py_ssize_t after_slot
    cdef readonly bint from_last
    cdef readonly bint is_fixed
    cdef readonly int life
    cdef readonly Py_ssize_t life_slot
    cdef readonly bint is_late
    cdef readonly bint is_entry

cdef class ActionSpec:
    cdef readonly int verb
    cdef readonly int market
    cdef readonly int amount
    cdef readonly Py_ssize_t amount_slot
    cdef readonly int kind
    cdef readonly Py_ssize_t limit_slot
    cdef readonly Py_ssize_t stop_slot
    cdef readonly Py_ssize_t show_slot
    cdef readonly int life
    cdef readonly Py_ssize_t life_slot
    cdef readonly list exits
    cdef readonly int tag
    cdef readonly int cancel_rule
    cdef readonly int index

cdef class GroupSpec:
    cdef readonly list actions
    cdef readonly bint is_atomic
    cdef readonly bint is_either
    cdef readonly bint increases
    cdef readonly bint targets

cdef class RuleSpec:
    cdef readonly int index
    cdef readonly Py_ssize_t condition
    cdef readonly GroupSpec group
    cdef readonly GroupSpec otherwise
    cdef readonly bint is_once
    cdef readonly Py_ssize_t tick

cdef class LimitSpec:
    cdef readonly int kind
    cdef readonly double value
    cdef readonly int per
    cdef readonly int effect
    cdef readonly int lasting
    cdef readonly double lasting_value
    cdef readonly int unit

cdef class Options:
    cdef readonly double slippage
    cdef readonly double slippage_ticks
    cdef readonly double slippage_volume_share
    cdef readonly double commission
    cdef readonly double commission_maker
    cdef readonly bint has_maker
    cdef readonly double commission_per_order
    cdef readonly double commission_per_unit
    cdef readonly double commission_minimum
    cdef readonly double commission_maximum
    cdef readonly double commission_maximum_share
    cdef readonly bint has_maximum
    cdef readonly list tiers
    cdef readonly long long latency_bars
    cdef readonly long long latency_ns
    cdef readonly long long leg_timeout_ns
    cdef readonly bint unwinds
    cdef readonly double fill_share
    cdef readonly bint fills_on_touch
    cdef readonly double through_ticks
    cdef readonly double funding
    cdef readonly double borrow
    cdef readonly double interest
    cdef readonly double rebalance
    cdef readonly double cash_buffer
    cdef readonly bint has_cash_buffer
    cdef readonly bint sizes_at_fill
    cdef readonly bint guards_from_next_bar
    cdef readonly bint is_favourable
    cdef readonly double max_gap
    cdef readonly int direction
    cdef readonly int pyramid_units
    cdef readonly int pyramid_form
    cdef readonly Py_ssize_t pyramid_slot
