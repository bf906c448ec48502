"""What a part of kernel.py measures."""


class Row:
    """One line of the table; `value` makes it from what all turns of one kernel have found."""

    def __init__(self, work, unit, value, peer=True, digits=3):
        self.work, self.unit, self.value, self.peer, self.digits = work, unit, value, peer, digits

    def line(self, ours, peer):
        mine = self.value(ours)
        other = self.value(peer) if self.peer and peer else None
        if other is None:
            return f"{self.work}\t{mine:.{self.digits}f}\t-\t{self.unit}\t-"
        ratio = f"{other / mine:.2f}" if mine > 0 else "-"
        return f"{self.work}\t{mine:.{self.digits}f}\t{other:.{self.digits}f}\t{self.unit}\t{ratio}"


class Part:
    """Rows that one measurement of a kernel fills."""

    # How often each kernel is measured; the peer needs minutes where ours needs seconds.
    turns = {"ours": 1, "peer": 1}
    # Whether the peer must load the library for it.
    library = True
    rows: list = []

    def measure(self, kernel, ours):
        """Measures one kernel, ours or the peer, once."""
        raise NotImplementedError
