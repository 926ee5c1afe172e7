"""What is wrong with a log, in one line."""


class Fault(Exception):
    """Something is not what the format says."""


def need(condition, what):
    if not condition:
        raise Fault(what)
