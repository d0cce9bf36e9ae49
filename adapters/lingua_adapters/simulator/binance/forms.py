"""Orders, trades, accounts and markets as the exchange writes them in JSON.

Source: https://developers.binance.com/docs/binance-spot-api-docs (rest-api, user-data-stream, filters).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lingua_adapters.simulator.candles import Candle
from lingua_adapters.simulator.matching import ZERO, Account, Exchange, Market, Order, Status, Trade

Json = dict[str, Any]
TYPES = {
    "market": "MARKET", "limit": "LIMIT", "limit_maker": "LIMIT_MAKER", "stop": "STOP_LOSS",
    "stop_limit": "STOP_LOSS_LIMIT", "target": "TAKE_PROFIT", "target_limit": "TAKE_PROFIT_LIMIT",
}  # fmt: skip
KINDS = {name: kind for kind, name in TYPES.items()}
ASSET_DIGITS = 8
STP = "EXPIRE_MAKER"


def eight(value: Decimal) -> str:
    return f"{value:.8f}"


def side(is_buy: bool) -> str:
    return "BUY" if is_buy else "SELL"


def market_form(market: Market) -> Json:
    """Of `exchangeInfo`."""
    filters: list[Json] = [
        {"filterType": "PRICE_FILTER", "minPrice": eight(market.tick), "maxPrice": eight(Decimal(1_000_000)),
         "tickSize": eight(market.tick)},
        {"filterType": "LOT_SIZE", "minQty": eight(market.min_quantity), "maxQty": eight(market.max_quantity),
         "stepSize": eight(market.lot)},
        {"filterType": "ICEBERG_PARTS", "limit": market.iceberg_parts},
        {"filterType": "MARKET_LOT_SIZE", "minQty": eight(ZERO),
         "maxQty": eight(market.max_market_quantity or market.max_quantity), "stepSize": eight(ZERO)},
    ]  # fmt: skip
    if market.percent_up:
        up, down = f"{market.percent_up:f}", f"{market.percent_down:f}"
        filters.append({"filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": up, "bidMultiplierDown": down,
                        "askMultiplierUp": up, "askMultiplierDown": down, "avgPriceMins": 5})  # fmt: skip
    filters += [
        {"filterType": "NOTIONAL", "minNotional": eight(market.min_notional), "applyMinToMarket": True,
         "maxNotional": "9000000.00000000", "applyMaxToMarket": False, "avgPriceMins": 5},
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": market.max_orders},
        {"filterType": "MAX_NUM_ORDER_LISTS", "maxNumOrderLists": 20},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": market.max_stops},
        {"filterType": "MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders": market.max_icebergs},
    ]  # fmt: skip
    if market.max_position:
        filters.append({"filterType": "MAX_POSITION", "maxPosition": eight(market.max_position)})
    return {
        "symbol": market.symbol, "status": "TRADING" if market.is_open else "BREAK", "baseAsset": market.base,
        "baseAssetPrecision": ASSET_DIGITS, "quoteAsset": market.quote, "quotePrecision": ASSET_DIGITS,
        "quoteAssetPrecision": ASSET_DIGITS, "baseCommissionPrecision": ASSET_DIGITS,
        "quoteCommissionPrecision": ASSET_DIGITS, "orderTypes": list(KINDS), "icebergAllowed": True, "ocoAllowed": True,
        "otoAllowed": False, "opoAllowed": False, "quoteOrderQtyMarketAllowed": True, "allowTrailingStop": False,
        "cancelReplaceAllowed": True, "amendAllowed": False, "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": True, "isMarginTradingAllowed": False, "filters": filters, "permissions": [],
        "permissionSets": [["SPOT"]], "defaultSelfTradePreventionMode": STP,
        "allowedSelfTradePreventionModes": ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
    }  # fmt: skip


def order_form(order: Order) -> Json:
    """As a query of an order answers."""
    return {
        "symbol": order.symbol, "orderId": order.number, "orderListId": order.group or -1,
        "clientOrderId": order.client_id, "price": eight(order.limit), "origQty": eight(order.quantity),
        "executedQty": eight(order.filled), "cummulativeQuoteQty": eight(order.cost), "status": order.status.value,
        "timeInForce": order.tif, "type": TYPES[order.kind], "side": side(order.is_buy),
        "stopPrice": eight(order.stop), "icebergQty": eight(order.show), "time": order.created,
        "updateTime": order.updated, "isWorking": not order.waits, "workingTime": order.created,
        "origQuoteOrderQty": eight(order.spend), "selfTradePreventionMode": STP,
    }  # fmt: skip


def placed_form(order: Order, trades: list[Trade], how: str) -> Json:
    """The answer to a new order: `how` is ACK, RESULT or FULL."""
    form: Json = {
        "symbol": order.symbol, "orderId": order.number, "orderListId": order.group or -1,
        "clientOrderId": order.client_id, "transactTime": order.updated,
    }  # fmt: skip
    if how == "ACK":
        return form
    form |= {
        "price": eight(order.limit), "origQty": eight(order.quantity), "executedQty": eight(order.filled),
        "origQuoteOrderQty": eight(order.spend), "cummulativeQuoteQty": eight(order.cost),
        "status": order.status.value, "timeInForce": order.tif, "type": TYPES[order.kind],
        "side": side(order.is_buy), "workingTime": order.created, "selfTradePreventionMode": STP,
    }  # fmt: skip
    if order.stop:
        form["stopPrice"] = eight(order.stop)
    if order.show:
        form["icebergQty"] = eight(order.show)
    if how == "FULL":
        form["fills"] = [
            {"price": eight(t.price), "qty": eight(t.quantity), "commission": eight(t.fee),
             "commissionAsset": t.fee_asset, "tradeId": t.number}
            for t in trades
        ]  # fmt: skip
    return form


def canceled_form(order: Order, cancel_id: str) -> Json:
    form = placed_form(order, [], "RESULT")
    return {**form, "origClientOrderId": order.client_id, "clientOrderId": cancel_id}


def trade_form(trade: Trade, group: int) -> Json:
    """Of `myTrades`."""
    return {
        "symbol": trade.symbol, "id": trade.number, "orderId": trade.order, "orderListId": group or -1,
        "price": eight(trade.price), "qty": eight(trade.quantity), "quoteQty": eight(trade.price * trade.quantity),
        "commission": eight(trade.fee), "commissionAsset": trade.fee_asset, "time": trade.time,
        "isBuyer": trade.is_buy, "isMaker": trade.is_maker, "isBestMatch": True,
    }  # fmt: skip


def account_form(name: str, held: Account, exchange: Exchange, *, may_trade: bool, omit_zero: bool) -> Json:
    balances = [
        {"asset": asset, "free": eight(held.free.get(asset, ZERO)), "locked": eight(held.locked.get(asset, ZERO))}
        for asset in held.assets()
        if not omit_zero or held.free.get(asset, ZERO) or held.locked.get(asset, ZERO)
    ]
    maker, taker = eight(exchange.maker), eight(exchange.taker)
    return {
        "makerCommission": int(exchange.maker * 10_000), "takerCommission": int(exchange.taker * 10_000),
        "buyerCommission": 0, "sellerCommission": 0,
        "commissionRates": {"maker": maker, "taker": taker, "buyer": eight(ZERO), "seller": eight(ZERO)},
        "canTrade": may_trade, "canWithdraw": False, "canDeposit": False, "brokered": False,
        "requireSelfTradePrevention": False, "preventSor": False, "updateTime": exchange.now, "accountType": "SPOT",
        "balances": balances, "permissions": ["SPOT"], "uid": sum(name.encode()) * 1_000 + len(name),
    }  # fmt: skip


def kline_form(candle: Candle) -> list[Any]:
    return [
        candle.open_ms, text(candle.open), text(candle.high), text(candle.low), text(candle.close),
        text(candle.volume), candle.close_ms - 1, text(candle.quote_volume), candle.count, text(candle.taker),
        text(candle.taker_quote), "0",
    ]  # fmt: skip


def kline_event(symbol: str, interval: str, candle: Candle, now: int, *, is_closed: bool) -> Json:
    return {
        "e": "kline", "E": now, "s": symbol,
        "k": {
            "t": candle.open_ms, "T": candle.close_ms - 1, "s": symbol, "i": interval, "f": candle.first,
            "L": candle.last, "o": text(candle.open), "c": text(candle.close), "h": text(candle.high),
            "l": text(candle.low), "v": text(candle.volume), "n": candle.count, "x": is_closed,
            "q": text(candle.quote_volume), "V": text(candle.taker), "Q": text(candle.taker_quote), "B": "0",
        },
    }  # fmt: skip


def text(value: Decimal) -> str:
    """All its digits, and eight at least: a volume may be recorded with more."""
    written = f"{value:f}"
    whole, _, part = written.partition(".")
    return f"{whole}.{part.ljust(8, '0')}"


def report_event(
    order: Order, trade: Trade | None, now: int, *, kind: str, cancel_id: str = "", why: str = "NONE"
) -> Json:
    """`executionReport` of the user data stream."""
    last, price = (trade.quantity, trade.price) if trade is not None else (ZERO, ZERO)
    return {
        "e": "executionReport", "E": now, "s": order.symbol, "c": cancel_id or order.client_id,
        "S": side(order.is_buy), "o": TYPES[order.kind], "f": order.tif, "q": eight(order.quantity),
        "p": eight(order.limit), "P": eight(order.stop), "F": eight(order.show), "g": order.group or -1,
        "C": order.client_id if cancel_id else "", "x": kind, "X": order.status.value, "r": why, "i": order.number,
        "l": eight(last), "z": eight(order.filled), "L": eight(price),
        "n": eight(trade.fee) if trade is not None else "0", "N": trade.fee_asset if trade is not None else None,
        "T": order.updated, "t": trade.number if trade is not None else -1, "I": order.number * 10 + 1,
        "w": order.status in (Status.NEW, Status.PARTIALLY_FILLED) and not order.waits,
        "m": trade.is_maker if trade is not None else False, "M": False, "O": order.created, "Z": eight(order.cost),
        "Y": eight(last * price), "Q": eight(order.spend), "W": order.created, "V": STP,
    }  # fmt: skip


def position_event(held: Account, assets: list[str], now: int) -> Json:
    return {
        "e": "outboundAccountPosition", "E": now, "u": now,
        "B": [{"a": a, "f": eight(held.free.get(a, ZERO)), "l": eight(held.locked.get(a, ZERO))} for a in assets],
    }  # fmt: skip
