"""A spot exchange in a program: balances, orders, a price that moves. The venue simulators speak a real exchange's
protocol on top of it."""
