"""Names of functions in TA-Lib's upper-case spelling, and what they are called in Lingua."""

from __future__ import annotations

from lingua.syntax import nodes as n

TALIB_NAMES = frozenset(
    """
    HT_DCPERIOD HT_DCPHASE HT_PHASOR HT_SINE HT_TRENDMODE ADD CUMSUM DIV MAX MAXINDEX MIN MININDEX MINMAX
    MINMAXINDEX MULT SUB SUM ACOS ASIN ATAN CEIL COS COSH EXP FLOOR LN LOG10 SIN SINH SQRT TAN TANH AC ADX ADXR
    AO APO AROON AROONOSC BOP CCI CMO CMOU COPPOCK DPO DX ER ERI FOSC FRACTAL IMI KDJ MACD MACDEXT MACDFIX MFI
    MINUS_DI MINUS_DM MOM PLUS_DI PLUS_DM PPO QSTICK ROC ROCP ROCR ROCR100 RSI SMI STOCH STOCHF STOCHRSI TRIX
    TSI ULTOSC VHF VORTEX WAD WILLR ACCBANDS BBANDS DEMA DONCHIAN EMA HMA HT_TRENDLINE KAMA KC MA MAMA MAVP
    MIDPOINT MIDPRICE RMA SAR SAREXT SMA SUPERTREND T3 TEMA TRIMA VWMA WMA ZLEMA AVGDEV AVGPRICE HA MEDPRICE
    TYPPRICE WCLPRICE BETA CORREL LINEARREG LINEARREG_ANGLE LINEARREG_INTERCEPT LINEARREG_SLOPE PERCENTILE
    PERCENTRANK STDDEV TSF VAR ADR ATR CVI MASSI NATR RVI TRANGE AD ADOSC CMF EFI MARKETFI NVI OBV PVI PVO PVT
    RVOL VWAP
    """.split()  # noqa: SIM905 - words read best without quotes
)
# TA-Lib's rolling forms whose lower-case name is a helper of two arguments.
_RENAMED = {"MAX": "highest", "MIN": "lowest", "SUM": "sum"}


def lower_case(name: str) -> str:
    """`ema` for `EMA`, `cdl_engulfing` for `CDLENGULFING`, `highest` for `MAX`; any other name as it is.

    >>> lower_case("EMA"), lower_case("CDLENGULFING"), lower_case("MAX"), lower_case("Foo")
    ('ema', 'cdl_engulfing', 'highest', 'Foo')
    """
    if name in TALIB_NAMES:
        return _RENAMED.get(name, name.lower())
    if name.startswith("CDL") and len(name) > 3 and name.isupper():
        return "cdl_" + name[3:].lower()
    return name


def own_functions(file: n.File) -> frozenset[str]:
    """Names that a call in `file` may mean before a built-in: its functions, imports and parameters."""
    found: set[str] = set()
    for item in file.items:
        match item:
            case n.Fn(name) | n.Extern(name):
                found.add(name)
            case n.Import(_, alias) if alias is not None:
                found.add(alias)
            case n.Strategy(_, parts):
                found.update(part.name for part in parts if isinstance(part, n.Param))
            case _:
                pass
    return frozenset(found)
