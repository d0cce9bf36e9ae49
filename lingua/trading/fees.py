"""Named sets of commission keys: `execution { fees: "binance.spot" }`.

Each is the base tier that the venue published when it was written down; schedules, regions and rebates change, so
where it matters give the keys themselves, which win over a preset. Spread, financing, exchange and regulatory fees
are not part of a preset.
"""

from __future__ import annotations

from collections.abc import Mapping

Keys = Mapping[str, float | tuple[tuple[float, float], ...]]

PRESETS: dict[str, Keys] = {
    # www.binance.com/en/fee/schedule: regular user, without the discount for paying in BNB; read November 2026
    "binance.spot": {"commission": 0.001, "commission_maker": 0.001},
    # www.binance.com/en/fee/futureFee: USDⓈ-M futures, regular user (as of 2026-10-12); funding is a key of its own
    "binance.perp": {"commission": 0.0005, "commission_maker": 0.0002},
    # www.bybit.com/en/help-center/article/Trading-Fee-Structure: VIP 0 (as of 2026-10-16)
    "bybit.spot": {"commission": 0.001, "commission_maker": 0.001},
    "bybit.perp": {"commission": 0.00055, "commission_maker": 0.0002},
    # www.okx.com/fees: regular user, level 1 (as of 2026-10-16)
    "okx.spot": {"commission": 0.001, "commission_maker": 0.0008},
    "okx.perp": {"commission": 0.0005, "commission_maker": 0.0002},
    # help.coinbase.com/en/coinbase/trading-and-funding/advanced-trade/advanced-trade-fees: taker by the volume of the
    # last 30 days, maker of the first tier. The first tier is that of May 2026; the table stands behind a log-in, so
    # the tiers above it are those last published openly (2024) and may have risen since.
    "coinbase": {
        "commission": 0.012,
        "commission_maker": 0.006,
        "commission_tiers": (
            (0.0, 0.012),
            (1_000.0, 0.006),
            (10_000.0, 0.004),
            (50_000.0, 0.0025),
            (100_000.0, 0.002),
        ),
    },
    # www.kraken.com/features/fee-schedule: Kraken Pro, spot (as of May 2026); maker of the first tier
    "kraken": {
        "commission": 0.004,
        "commission_maker": 0.0025,
        "commission_tiers": (
            (0.0, 0.004),
            (10_000.0, 0.0035),
            (50_000.0, 0.0024),
            (100_000.0, 0.0022),
            (250_000.0, 0.002),
        ),
    },
    # www.interactivebrokers.co.uk/en/pricing/commissions-stocks.php: United States, fixed: 0.005 a share, at least 1.00
    # an order, at most 1 % of trade value, which wins over the least (read November 2026)
    "ibkr.us.fixed": {"commission_per_unit": 0.005, "commission_minimum": 1.0, "commission_maximum_share": 0.01},
    # the same page, tiered, first 300,000 shares a month: 0.0035 a share, at least 0.35; exchange and clearing fees
    # are passed on and are not included
    "ibkr.us.tiered": {"commission_per_unit": 0.0035, "commission_minimum": 0.35, "commission_maximum_share": 0.01},
    # alpaca.markets: no commission on US stocks; regulatory fees on sales are not included (read November 2026)
    "alpaca": {"commission": 0.0},
    # alpaca.markets/support/crypto-maker-taker-gmt-faq: since 2023-03-13, read November 2026; maker of the first tier
    "alpaca.crypto": {
        "commission": 0.0025,
        "commission_maker": 0.0015,
        "commission_tiers": (
            (0.0, 0.0025),
            (100_000.0, 0.0022),
            (500_000.0, 0.002),
            (1_000_000.0, 0.0018),
            (10_000_000.0, 0.0015),
            (25_000_000.0, 0.0013),
            (50_000_000.0, 0.0012),
            (100_000_000.0, 0.001),
        ),
    },
    # www.oanda.com: spread only on core accounts; give the half spread as `slippage`
    "oanda": {"commission": 0.0},
}


def preset(name: str) -> Keys:
    """The commission keys of a preset. Raises ValueError that names the known ones."""
    if name not in PRESETS:
        raise ValueError(f"no fees are known by the name {name!r}; known are {', '.join(sorted(PRESETS))}")
    return PRESETS[name]
