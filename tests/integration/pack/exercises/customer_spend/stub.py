"""What each customer spent: see the statement for the contract."""


def customer_spend(orders):
    """One row per customer: how many orders, what was spent, and the last day."""
    raise NotImplementedError
