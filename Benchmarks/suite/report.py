"""What is printed, and the same figures for programs."""


def seconds(value):
    return f"{value:.2f} s"


def milliseconds(value):
    return f"{value * 1e3:.1f} ms" if value < 0.1 else f"{value * 1e3:.0f} ms"


def amount(size):
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def median(series, unit):
    low, high = series.spread()
    return f"{unit(series.median()):>9}  ({unit(low)} to {unit(high)})"


class Section:
    """One benchmark's rows as they come, then its verdicts."""

    def __init__(self, name, title, **facts):
        self.name = name
        self.title = title
        self.json = facts | {"measured": {}, "results": {}}
        self.lines = []

    def row(self, name, *columns, figures):
        first, *others = columns
        self.lines.append(f"  {name:<28}{first:<36}{''.join(f'{text:<14}' for text in others)}".rstrip())
        self.json["measured"][name] = figures

    def ratio(self, name, value, at_least=None, at_most=None):
        target = None
        if at_least is not None:
            target = (f"at least {at_least}", value >= at_least)
        if at_most is not None:
            target = (f"at most {at_most}", value <= at_most)
        self._result(name, value, f"{value:.2f}", target)

    def count(self, name, value, at_most):
        self._result(name, value, f"{value:,}", (f"at most {at_most:,}", value <= at_most))

    def value(self, name, value, unit, below):
        self._result(name, value, unit(value), (f"under {unit(below)}", value < below))

    def _result(self, name, value, text, target):
        wanted, met = target or ("none", None)
        verdict = "no target" if target is None else f"target: {wanted}: {'met' if met else 'NOT MET'}"
        self.lines.append(f"  {name:<46}{text:>10}   {verdict}")
        self.json["results"][name] = {"value": value, "target": None if target is None else wanted, "met": met}

    def text(self):
        return "\n".join([self.title] + self.lines)
