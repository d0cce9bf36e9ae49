"""Random settings of a strategy: size, pyramid, protection, risk, plots, alerts, execution."""

from __future__ import annotations

from made_orders import Orders
from made_values import FINER


class Settings(Orders):
    def _settings(self) -> list[str]:
        rng, found = self.rng, []
        if rng.random() < 0.3:
            size = rng.choice(["20%", "5 shares", "3000 USD", "40% of equity", "25% of cash", self.expr("R", 1)])
            found.append(f"size: {size}")
        if rng.random() < 0.25:
            found.append(f"pyramid {rng.randint(2, 4)} step {rng.choice(['1 * atr(5)', '1%', 'close * 0.005'])}")
        if rng.random() < 0.25:
            found.append(
                f"protect {{ {'; '.join(self._exits(1 if self.direction == 'long' else -1) or ['stop 5%']).replace('stop at lowest(low, 5)', 'stop 4%').replace('stop at highest(high, 5)', 'stop 4%')} }}"
            )
        if rng.random() < 0.4:
            limits = [
                "max_drawdown 15% => halt", "max_drawdown 20% => flatten", "daily_loss 2% => flatten for 1d", "weekly_loss 5% => halt for 5 bars",
                "max_orders 2 per day", "max_exposure 90%", "max_open 3", "max_weight 40%", "max_holding 12 bars => flatten",
                "cooldown 3 bars", "max_open_risk 4%", "max_turnover 200% per month", "hourly_loss 1% => halt for 4h",
                "monthly_loss 8% => flatten", "quarterly_loss 9% => halt", "yearly_loss 9% => flatten for 3 bars", "cooldown 1d",
                "max_orders 3 per week", "max_holding 2d => flatten", "max_turnover 90% per week", "max_orders 1 per session",
            ]  # fmt: skip
            chosen = {line.split()[0]: line for line in rng.sample(limits, rng.randint(1, 4))}
            found.append(f"risk {{ {'; '.join(chosen.values())} }}")
        if rng.random() < 0.2:
            found.append(f'plot: {self.expr("P", 1)}, {self.expr("P", 1)} pane "{rng.choice(["price", "own"])}"')
        if rng.random() < 0.15:
            found.append(f'alert {self.name("a")}: {self.expr("B", 1)} => "now {{close}}"')
        return found

    def _execution(self) -> str:
        rng = self.rng
        options = [
            "slippage: 3bp", "slippage_ticks: 0.5", "slippage_volume_share: 5%", "slippage: 1 ticks", "slippage: volume 10%", "commission: 0.1%", "commission_per_order: 1 USD",
            "commission_per_unit: 0.005", "commission_minimum: 1", "latency: 1 bars", "fill_share: 20%", "limit_fill: touch", "limit_fill: through 2 ticks",
            "borrow: 3% per year", "interest: 2% per year", "rebalance: 2%", "cash_buffer: 0", "size_at: fill", "stops_from: next_bar",
            "intrabar: favourable", "warmup: settled", "max_gap: 1", "whole_units: true", 'fees: "binance.spot"', "funding: 0.01%",
            "commission_tiers: [[0, 0.1%], [50000 USD, 0.05%]]", "commission_maker: 0.02%", "profile: pine",
            "profile: backtesting", "profile: vectorbt", "profile: backtrader", "profile: zipline", "profile: lean", "latency: 2 bars",
            "latency: 10m", "limit_through_ticks: 2", "max_gap: 0", "allow_jumps: true", "risk_free: 2% per year", "leg_timeout: 5s",
            "on_broken: unwind", "limit_fill: through", "rebalance: 0%", "cash_buffer: 5%", "fill_share: 2%", 'fees: "binance.perp"',
        ]  # fmt: skip
        if self.timeframe in FINER and rng.random() < 0.2:
            self.detail = FINER[self.timeframe]
        chosen = {line.split(":")[0]: line for line in rng.sample(options, rng.choice([0, 0, 1, 2, 4]))}
        if "commission_tiers" in chosen:
            chosen.pop("commission", None)
        if self.detail:
            chosen["detail"] = f"detail: {self.detail}"
        return f"execution {{ {'; '.join(chosen.values())} }}" if chosen else ""
