"""What each customer spent."""


def customer_spend(orders):
    """One row per customer: how many orders, what was spent, and the last day."""
    by_customer = orders.groupby("customer")  # in alphabetical order, without those that have none
    table = by_customer.agg(orders=("day", "size"), spent=("amount", "sum"), last_day=("day", "max"))
    return table.reset_index()
