"""Requests that change or tell an account: orders, lists of orders, trades, balances."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lingua_adapters.simulator.binance import forms
from lingua_adapters.simulator.binance.calls import KEYED, SIGNED, Asked, call
from lingua_adapters.simulator.binance.given import Given
from lingua_adapters.simulator.binance.refusals import Refusal, missing, not_required, refusal_of
from lingua_adapters.simulator.matching import ZERO, Denied, Market, Order

DAY_MS = 86_400_000
SIDES = ("BUY", "SELL")
NEEDS = {
    "LIMIT": ("timeInForce", "quantity", "price"), "MARKET": (), "STOP_LOSS": ("quantity", "stopPrice"),
    "STOP_LOSS_LIMIT": ("timeInForce", "quantity", "price", "stopPrice"), "TAKE_PROFIT": ("quantity", "stopPrice"),
    "TAKE_PROFIT_LIMIT": ("timeInForce", "quantity", "price", "stopPrice"), "LIMIT_MAKER": ("quantity", "price"),
}  # fmt: skip
MAY = {
    "LIMIT": {"icebergQty"}, "MARKET": {"quantity", "quoteOrderQty"}, "STOP_LOSS_LIMIT": {"icebergQty"},
    "TAKE_PROFIT_LIMIT": {"icebergQty"}, "LIMIT_MAKER": {"icebergQty"},
}  # fmt: skip
DETAILS = ("timeInForce", "quantity", "quoteOrderQty", "price", "stopPrice", "icebergQty")


def is_exact(value: Decimal, name: str) -> Decimal:
    if value <= ZERO:
        raise Refusal(-1013, f"Invalid {'price' if 'rice' in name else 'quantity'}.")
    return value


def order_of(asked: Asked, market: Market) -> Order:
    """The order that the parameters describe. Raises Refusal."""
    given = asked.given
    side = given.choice("side", SIDES, Refusal(-1117, "Invalid side."))
    kind = given.choice("type", forms.KINDS, Refusal(-1116, "Invalid orderType."))
    refuse_extras(given)
    for name in NEEDS[kind]:
        if name not in given:
            raise missing(name)
    for name in DETAILS:
        if name in given and name not in NEEDS[kind] and name not in MAY.get(kind, set()):
            raise not_required(name)
    if kind == "MARKET" and ("quantity" in given) == ("quoteOrderQty" in given):
        raise missing("quantity") if "quantity" not in given else not_required("quoteOrderQty")
    tif = "GTC"
    if "timeInForce" in NEEDS[kind]:
        tif = given.choice("timeInForce", ("GTC", "IOC", "FOK"), Refusal(-1115, "Invalid timeInForce."))
    found = {name: is_exact(given.number(name), name) for name in DETAILS[1:] if name in given}
    if "icebergQty" in found and tif != "GTC":
        raise Refusal(-1013, "Invalid icebergQty: timeInForce must be GTC.")
    return Order(
        0, asked.account.name, given.client_id("newClientOrderId") if "newClientOrderId" in given else
        asked.desk.generated(), market.symbol, side == "BUY", forms.KINDS[kind], found.get("quantity", ZERO),
        limit=found.get("price", ZERO), stop=found.get("stopPrice", ZERO), tif=tif, show=found.get("icebergQty", ZERO),
        spend=found.get("quoteOrderQty", ZERO),
    )  # fmt: skip


def refuse_extras(given: Given) -> None:
    if "trailingDelta" in given:
        raise Refusal(-1013, "Filter failure: TRAILING_DELTA")
    for name in ("strategyId", "strategyType"):
        given.whole(name, 0)
    given.text("selfTradePreventionMode", "")


def default_answer(kind: str) -> str:
    return "FULL" if kind in ("market", "limit") else "ACK"


@call("POST /api/v3/order", "order.place", security=SIGNED, orders=1, trades=True)
def place(asked: Asked) -> Any:
    desk = asked.desk
    market = desk.market(asked.given.symbol())
    order = order_of(asked, market)
    how = answer_kind(asked.given, order.kind)
    asked.given.refuse_rest()
    before = len(desk.exchange.trades_of(order.account, order.symbol))
    try:
        desk.exchange.place(order)
    except Denied as denied:
        raise refusal_of(denied) from None
    return forms.placed_form(order, desk.trades_since(order, before), how)


def answer_kind(given: Given, kind: str) -> str:
    return given.choice(
        "newOrderRespType", ("ACK", "RESULT", "FULL"), Refusal(-1130, "Data sent for parameter is not valid."),
        default_answer(kind),
    )  # fmt: skip


@call("POST /api/v3/order/test", "order.test", security=SIGNED, trades=True)
def test_order(asked: Asked) -> Any:
    """Checked as a real one, and not placed."""
    desk = asked.desk
    order = order_of(asked, desk.market(asked.given.symbol()))
    answer_kind(asked.given, order.kind)
    rates = asked.given.flag("computeCommissionRates", False)
    asked.given.refuse_rest()
    try:
        desk.exchange.check(order)
    except Denied as denied:
        raise refusal_of(denied) from None
    if not rates:
        return {}
    return commission_form(asked, with_symbol=False)


def find(
    asked: Asked, symbol: str, number_name: str = "orderId", client_name: str = "origClientOrderId"
) -> Order | None:
    given, desk = asked.given, asked.desk
    number = given.maybe_whole(number_name)
    client = given.text(client_name, "") if client_name in given else ""
    if number is None and not client:
        raise Refusal(-1102, f"Param '{client_name}' or '{number_name}' must be sent, but both were empty/null!")
    order = desk.exchange.find(asked.account.name, number=number or 0, client_id=client)
    if order is None or order.symbol != symbol or (client and order.client_id != client):
        return None
    return order


@call("GET /api/v3/order", "order.status", weight=4, security=SIGNED)
def order_status(asked: Asked) -> Any:
    symbol = asked.desk.market(asked.given.symbol()).symbol
    order = find(asked, symbol)
    if order is None:
        raise Refusal(-2013, "Order does not exist.")
    return forms.order_form(order)


@call("DELETE /api/v3/order", "order.cancel", security=SIGNED, trades=True)
def cancel(asked: Asked) -> Any:
    symbol = asked.desk.market(asked.given.symbol()).symbol
    cancel_id = asked.given.client_id("newClientOrderId", "") if "newClientOrderId" in asked.given else ""
    restriction = asked.given.text("cancelRestrictions", "")
    order = find(asked, symbol)
    asked.given.refuse_rest()
    return cancelled(asked, order, cancel_id, restriction)


def cancelled(asked: Asked, order: Order | None, cancel_id: str, restriction: str = "") -> Any:
    desk = asked.desk
    if order is None or not order.is_working:
        raise Refusal(-2011, "Unknown order sent.")
    if restriction:
        wanted = {"ONLY_NEW": "NEW", "ONLY_PARTIALLY_FILLED": "PARTIALLY_FILLED"}.get(restriction)
        if wanted is None:
            raise Refusal(-1145, "Invalid cancelRestrictions")
        if order.status.value != wanted:
            raise Refusal(-2011, "Order was not canceled due to cancel restrictions.")
    cancel_id = cancel_id or desk.generated()
    desk.cancel(order, cancel_id)
    linked = desk.lists.get(order.group)
    if linked is None:
        return forms.canceled_form(order, cancel_id)
    reports = [forms.canceled_form(each, cancel_id) for each in linked.orders]
    return {**linked.form(desk.now()), "orderReports": reports}


@call("DELETE /api/v3/openOrders", "openOrders.cancelAll", security=SIGNED, trades=True)
def cancel_all(asked: Asked) -> Any:
    desk = asked.desk
    symbol = desk.market(asked.given.symbol()).symbol
    asked.given.refuse_rest()
    orders = list(desk.exchange.open(asked.account.name, symbol))
    if not orders:
        raise Refusal(-2011, "Unknown order sent.")
    return [cancelled(asked, order, "") for order in orders if order.is_working]


@call("POST /api/v3/order/cancelReplace", "order.cancelReplace", security=SIGNED, orders=1, trades=True)
def cancel_replace(asked: Asked) -> Any:
    desk, given = asked.desk, asked.given
    market = desk.market(given.symbol())
    mode = given.choice(
        "cancelReplaceMode", ("STOP_ON_FAILURE", "ALLOW_FAILURE"), Refusal(-1130, "Invalid cancelReplaceMode.")
    )
    given.text("orderRateLimitExceededMode", "")
    cancel_id = given.client_id("cancelNewClientOrderId") if "cancelNewClientOrderId" in given else ""
    restriction = given.text("cancelRestrictions", "")
    old = find(asked, market.symbol, "cancelOrderId", "cancelOrigClientOrderId")
    order = order_of(asked, market)
    how = answer_kind(given, order.kind)
    given.refuse_rest()
    canceled: Any
    try:
        canceled, is_canceled = cancelled(asked, old, cancel_id, restriction), True
    except Refusal as refusal:
        canceled, is_canceled = refusal.body(), False
    if not is_canceled and mode == "STOP_ON_FAILURE":
        data = {"cancelResult": "FAILURE", "newOrderResult": "NOT_ATTEMPTED", "cancelResponse": canceled,
                "newOrderResponse": None}  # fmt: skip
        raise Refusal(-2022, "Order cancel-replace failed.", 400, data)
    before = len(desk.exchange.trades_of(order.account, order.symbol))
    placed: Any
    try:
        desk.exchange.place(order)
        placed, is_placed = forms.placed_form(order, desk.trades_since(order, before), how), True
    except Denied as denied:
        placed, is_placed = refusal_of(denied).body(), False
    result = {
        "cancelResult": "SUCCESS" if is_canceled else "FAILURE",
        "newOrderResult": "SUCCESS" if is_placed else "FAILURE", "cancelResponse": canceled,
        "newOrderResponse": placed,
    }  # fmt: skip
    if is_canceled and is_placed:
        return result
    if not is_canceled and not is_placed:
        raise Refusal(-2022, "Order cancel-replace failed.", 400, result)
    raise Refusal(-2021, "Order cancel-replace partially failed.", 409, result)


@call("GET /api/v3/openOrders", "openOrders.status", weight=6, security=SIGNED)
def open_orders(asked: Asked) -> Any:
    symbol = asked.given.symbol("") if "symbol" in asked.given else ""
    if symbol:
        asked.desk.market(symbol)
    return [forms.order_form(order) for order in asked.desk.exchange.open(asked.account.name, symbol)]


def spanned(asked: Asked) -> tuple[int | None, int | None, int]:
    given = asked.given
    start, end = given.maybe_whole("startTime"), given.maybe_whole("endTime")
    if start is not None and end is not None and end - start > DAY_MS:
        raise Refusal(-1127, "More than 24 hours between startTime and endTime.")
    return start, end, max(1, given.whole("limit", 500, most=1_000))


@call("GET /api/v3/allOrders", "allOrders", weight=20, security=SIGNED)
def all_orders(asked: Asked) -> Any:
    desk = asked.desk
    symbol = desk.market(asked.given.symbol()).symbol
    first = asked.given.maybe_whole("orderId")
    start, end, limit = spanned(asked)
    found = [
        order for order in desk.exchange.orders.values()
        if order.account == asked.account.name and order.symbol == symbol
        and (first is None or order.number >= first)
        and (start is None or order.created >= start) and (end is None or order.created <= end)
    ]  # fmt: skip
    found = found[-limit:] if first is None and start is None else found[:limit]
    return [forms.order_form(order) for order in found]


@call("GET /api/v3/myTrades", "myTrades", weight=20, security=SIGNED)
def my_trades(asked: Asked) -> Any:
    desk, given = asked.desk, asked.given
    symbol = desk.market(given.symbol()).symbol
    order, first = given.maybe_whole("orderId"), given.maybe_whole("fromId")
    start, end, limit = spanned(asked)
    if first is not None and (start is not None or end is not None):
        raise Refusal(-1128, "Combination of optional parameters invalid.")
    found = [
        trade for trade in desk.exchange.trades_of(asked.account.name, symbol)
        if (order is None or trade.order == order) and (first is None or trade.number >= first)
        and (start is None or trade.time >= start) and (end is None or trade.time <= end)
    ]  # fmt: skip
    found = found[-limit:] if first is None and start is None else found[:limit]
    return [forms.trade_form(trade, desk.exchange.orders[trade.order].group) for trade in found]


@call("GET /api/v3/account", "account.status", weight=20, security=SIGNED)
def account_status(asked: Asked) -> Any:
    omit = asked.given.flag("omitZeroBalances", False)
    return forms.account_form(
        asked.account.name, asked.desk.held(asked.account), asked.desk.exchange, may_trade=asked.account.may_trade,
        omit_zero=omit,
    )  # fmt: skip


@call("GET /api/v3/account/commission", "account.commission", weight=20, security=SIGNED)
def commission(asked: Asked) -> Any:
    return commission_form(asked, with_symbol=True)


def commission_form(asked: Asked, *, with_symbol: bool) -> Any:
    exchange = asked.desk.exchange
    rates = {"maker": forms.eight(exchange.maker), "taker": forms.eight(exchange.taker)}
    none = {"maker": forms.eight(ZERO), "taker": forms.eight(ZERO)}
    if with_symbol:
        symbol = asked.desk.market(asked.given.symbol()).symbol
        both = {"buyer": forms.eight(ZERO), "seller": forms.eight(ZERO)}
        return {"symbol": symbol, "standardCommission": rates | both, "specialCommission": none | both,
                "taxCommission": none | both, "discount": discount(exchange.fee_asset)}  # fmt: skip
    return {"standardCommissionForOrder": rates, "specialCommissionForOrder": none, "taxCommissionForOrder": none,
            "discount": discount(exchange.fee_asset)}  # fmt: skip


def discount(asset: str) -> forms.Json:
    return {"enabledForAccount": bool(asset), "enabledForSymbol": bool(asset), "discountAsset": asset or "BNB",
            "discount": "1.00000000"}  # fmt: skip


@call("GET /api/v3/rateLimit/order", "account.rateLimits.orders", weight=40, security=SIGNED)
def order_rate(asked: Asked) -> Any:
    return asked.desk.limits.told("", asked.account.name)[1:]


@call("POST /api/v3/orderList/oco", "orderList.place.oco", security=SIGNED, orders=2, trades=True)
def place_oco(asked: Asked) -> Any:
    desk, given = asked.desk, asked.given
    market = desk.market(given.symbol())
    side = given.choice("side", SIDES, Refusal(-1117, "Invalid side."))
    quantity = is_exact(given.number("quantity"), "quantity")
    list_id = given.client_id("listClientOrderId") if "listClientOrderId" in given else ""
    refuse_extras(given)
    orders = [_leg(asked, market, which, side, quantity) for which in ("above", "below")]
    above, below = orders
    targets = {True: ("limit_maker", "target", "target_limit"), False: ("stop", "stop_limit")}
    for order, is_target in ((above, side == "SELL"), (below, side == "BUY")):
        if order.kind not in targets[is_target]:
            raise Refusal(-1158, "Invalid order type for the leg of an OCO.")
    return _list_placed(asked, above, below, list_id)


def _leg(asked: Asked, market: Market, which: str, side: str, quantity: Decimal) -> Order:
    given = asked.given
    kind = given.choice(f"{which}Type", set(forms.KINDS) - {"MARKET", "LIMIT"}, Refusal(-1116, "Invalid orderType."))
    names = {"price": f"{which}Price", "stopPrice": f"{which}StopPrice", "timeInForce": f"{which}TimeInForce"}
    found = {"price": ZERO, "stopPrice": ZERO}
    tif = "GTC"
    for name, full in names.items():
        is_needed = name in NEEDS[kind]
        if is_needed and full not in given:
            raise missing(full)
        if not is_needed and full in given:
            raise not_required(full)
        if is_needed and name == "timeInForce":
            tif = given.choice(full, ("GTC", "IOC", "FOK"), Refusal(-1115, "Invalid timeInForce."))
        elif is_needed:
            found[name] = is_exact(given.number(full), full)
    if f"{which}TrailingDelta" in given:
        raise Refusal(-1013, "Filter failure: TRAILING_DELTA")
    for name in ("StrategyId", "StrategyType"):
        given.whole(which + name, 0)
    show = given.number(f"{which}IcebergQty", ZERO)
    client = given.client_id(f"{which}ClientOrderId") if f"{which}ClientOrderId" in given else asked.desk.generated()
    return Order(
        0, asked.account.name, client, market.symbol, side == "BUY", forms.KINDS[kind], quantity,
        limit=found["price"], stop=found["stopPrice"], tif=tif, show=show,
    )  # fmt: skip


def _list_placed(asked: Asked, above: Order, below: Order, list_id: str) -> Any:
    desk, given = asked.desk, asked.given
    how = answer_kind(given, "market")
    given.refuse_rest()
    try:
        desk.exchange.place_bracket(above, below)
    except Denied as denied:
        raise refusal_of(denied) from None
    made = desk.list_of([above, below], list_id)
    return {**made.form(desk.now()), "orderReports": [forms.placed_form(each, [], how) for each in made.orders]}


@call("POST /api/v3/order/oco", security=SIGNED, orders=2, trades=True)
def place_old_oco(asked: Asked) -> Any:
    """The form before 2024, which some clients still send."""
    desk, given = asked.desk, asked.given
    market = desk.market(given.symbol())
    is_buy = given.choice("side", SIDES, Refusal(-1117, "Invalid side.")) == "BUY"
    quantity = is_exact(given.number("quantity"), "quantity")
    price, stop = is_exact(given.number("price"), "price"), is_exact(given.number("stopPrice"), "stopPrice")
    limit = given.number("stopLimitPrice", ZERO)
    tif = given.text("stopLimitTimeInForce", "GTC")
    list_id = given.client_id("listClientOrderId") if "listClientOrderId" in given else ""
    ids = [given.client_id(n) if n in given else desk.generated() for n in ("limitClientOrderId", "stopClientOrderId")]
    for name in ("limitIcebergQty", "stopIcebergQty", "limitStrategyId", "stopStrategyId"):
        given.text(name, "")
    refuse_extras(given)
    name = asked.account.name
    target = Order(0, name, ids[0], market.symbol, is_buy, "limit_maker", quantity, limit=price)
    kind = "stop_limit" if limit else "stop"
    guard = Order(0, name, ids[1], market.symbol, is_buy, kind, quantity, limit=limit, stop=stop, tif=tif)
    return _list_placed(asked, *((guard, target) if is_buy else (target, guard)), list_id)


def _list(asked: Asked) -> Any:
    given, desk = asked.given, asked.desk
    number = given.maybe_whole("orderListId")
    name = "listClientOrderId" if "listClientOrderId" in given else "origClientOrderId"
    client = given.text(name, "") if name in given else ""
    own = [each for each in desk.lists.values() if each.account == asked.account.name]
    return next((each for each in own if each.number == number or (client and each.client_id == client)), None)


@call("GET /api/v3/orderList", "orderList.status", weight=4, security=SIGNED)
def list_status(asked: Asked) -> Any:
    found = _list(asked)
    if found is None:
        raise Refusal(-2018, "Order list does not exist.")
    return found.form(found.created)


@call("DELETE /api/v3/orderList", "orderList.cancel", security=SIGNED, trades=True)
def cancel_list(asked: Asked) -> Any:
    asked.desk.market(asked.given.symbol())
    cancel_id = asked.given.client_id("newClientOrderId") if "newClientOrderId" in asked.given else ""
    found = _list(asked)
    asked.given.refuse_rest()
    order = next((each for each in found.orders if each.is_working), None) if found is not None else None
    return cancelled(asked, order, cancel_id)


@call("GET /api/v3/openOrderList", "openOrderLists.status", weight=6, security=SIGNED)
def open_lists(asked: Asked) -> Any:
    own = [each for each in asked.desk.lists.values() if each.account == asked.account.name]
    return [each.form(each.created) for each in own if not each.is_done]


@call("GET /api/v3/allOrderList", "allOrderLists", weight=20, security=SIGNED)
def all_lists(asked: Asked) -> Any:
    _, _, limit = spanned(asked)
    first = asked.given.maybe_whole("fromId") or 0
    own = [each for each in asked.desk.lists.values() if each.account == asked.account.name]
    return [each.form(each.created) for each in own if each.number >= first][-limit:]


@call("GET /sapi/v1/capital/config/getall", security=SIGNED)
def coins(asked: Asked) -> Any:
    held = asked.desk.held(asked.account)
    markets = asked.desk.exchange.markets.values()
    names = sorted({*held.assets(), *(m.base for m in markets), *(m.quote for m in markets)})
    return [
        {"coin": name, "name": name, "free": forms.eight(held.free.get(name, ZERO)),
         "locked": forms.eight(held.locked.get(name, ZERO)), "freeze": "0", "withdrawing": "0", "ipoing": "0",
         "ipoable": "0", "storage": "0", "isLegalMoney": False, "trading": True, "depositAllEnable": False,
         "withdrawAllEnable": False, "networkList": []}
        for name in names
    ]  # fmt: skip


@call("GET /sapi/v1/asset/tradeFee", security=SIGNED)
def trade_fee(asked: Asked) -> Any:
    exchange = asked.desk.exchange
    symbol = asked.given.symbol("") if "symbol" in asked.given else ""
    return [
        {"symbol": name, "makerCommission": f"{exchange.maker:f}", "takerCommission": f"{exchange.taker:f}"}
        for name in exchange.markets if symbol in ("", name)
    ]  # fmt: skip


@call("POST /api/v3/userDataStream", weight=2, security=KEYED)
def open_listen_key(asked: Asked) -> Any:
    """The old way to the user data stream, which some clients still take."""
    return {"listenKey": asked.desk.listen_key(asked.account)}


@call("PUT /api/v3/userDataStream", weight=2, security=KEYED)
@call("DELETE /api/v3/userDataStream", weight=2, security=KEYED)
def keep_listen_key(asked: Asked) -> Any:
    if asked.given.text("listenKey") != asked.desk.listen_key(asked.account):
        raise Refusal(-1125, "This listenKey does not exist.")
    return {}
